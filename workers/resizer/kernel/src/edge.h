/* Sixteen places along an edge between blocks, and the samples across it, in and out of SIMD vectors. */
#ifndef EDGE_H
#define EDGE_H

#include <wasm_simd128.h>

#include "kernel.h"

/* Across the edge lie eight samples, four on each side, one vector for each: in order P3 P2 P1 P0 | Q0 Q1 Q2 Q3. */
enum { P3, P2, P1, P0, Q0, Q1, Q2, Q3, ACROSS };

/* Vectors whose number differs in the given bit are laced into one another, sample by sample. */
static inline void lace(v128_t *v, int bit) {
  for (int i = 0; i < ACROSS; i++) {
    if ((i & bit) == 0) {
      v128_t a = v[i];
      v128_t b = v[i | bit];
      v[i] = wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      v[i | bit] = wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
  }
}

static inline void unlace(v128_t *v, int bit) {
  for (int i = 0; i < ACROSS; i++) {
    if ((i & bit) == 0) {
      v128_t a = v[i];
      v128_t b = v[i | bit];
      v[i] = wasm_i8x16_shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
      v[i | bit] = wasm_i8x16_shuffle(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    }
  }
}

/*
 * An upright edge: eight rows from each of the two places, four samples to its left and right. Lacing four times turns
 * rows of samples into vectors across the edge; the places along it end up in some order, which does not matter.
 */
static inline void load_upright(v128_t *v, const uint8_t *one, const uint8_t *other, int stride) {
  for (int i = 0; i < ACROSS; i++) {
    v[i] = wasm_v128_load64_lane(other + i * stride - 4, wasm_v128_load64_zero(one + i * stride - 4), 1);
  }
  lace(v, 1);
  lace(v, 4);
  lace(v, 2);
  lace(v, 1);
}

static inline void store_upright(v128_t *v, uint8_t *one, uint8_t *other, int stride) {
  unlace(v, 1);
  unlace(v, 2);
  unlace(v, 4);
  unlace(v, 1);
  for (int i = 0; i < ACROSS; i++) {
    wasm_v128_store64_lane(one + i * stride - 4, v[i], 0);
    wasm_v128_store64_lane(other + i * stride - 4, v[i], 1);
  }
}

/* A level edge: eight samples from each of the two places, from each of the four rows above and below. */
static inline void load_level(v128_t *v, const uint8_t *one, const uint8_t *other, int stride) {
  for (int i = 0; i < ACROSS; i++) {
    int row = (i - Q0) * stride;
    v[i] = wasm_v128_load64_lane(other + row, wasm_v128_load64_zero(one + row), 1);
  }
}

static inline void store_level(const v128_t *v, uint8_t *one, uint8_t *other, int stride) {
  for (int i = P2; i <= Q2; i++) {
    int row = (i - Q0) * stride;
    wasm_v128_store64_lane(one + row, v[i], 0);
    wasm_v128_store64_lane(other + row, v[i], 1);
  }
}

#endif
