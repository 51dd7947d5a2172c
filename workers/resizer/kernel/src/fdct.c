/*
 * coefficients = M · samples · Mᵀ, where M is the orthonormal cosine matrix. Its rows are even or odd, so sums and
 * differences of opposite samples halve the products, and the multiply-and-add instruction does eight of them at once.
 * The second product is divided by the steps before it is rounded: with more bits than libjpeg's integers keep.
 */
#include "fdct.h"

#include <math.h>
#include <wasm_simd128.h>

#define N BLOCK_SIDE
#define CENTRE 128
/* The largest entry, 0.49, takes 15 bits. */
#define MATRIX_BITS 15
/* A first product is at most 128 · √8; the sum of two with so many fraction bits still fits 16 bits. */
#define MIDDLE_BITS 5
/* Adding 1.5 · 2^23 to a float leaves its nearest whole number in the lowest bits. */
#define ROUNDER 12582912.0f
#define ROUNDER_BITS 0x4B400000
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* By frequency, the first half of its row: the second half mirrors it. Two pairs for two multiplications. */
static int16_t matrix[N][N / 2];

void open_fdct(void) {
  for (int frequency = 0; frequency < N; frequency++) {
    double scale = frequency == 0 ? M_SQRT1_2 / 2 : 0.5;
    for (int sample = 0; sample < N / 2; sample++) {
      double cosine = cos((2 * sample + 1) * frequency * M_PI / (2 * N));
      matrix[frequency][sample] = (int16_t)lrint(scale * cosine * (1 << MATRIX_BITS));
    }
  }
}

/* Four rows, two by two, their numbers side by side. */
typedef struct {
  v128_t left[2], right[2];
} Pairs;

/* One row of a product, 32 bits a number. */
typedef struct {
  v128_t left, right;
} Sums;

static ALWAYS_INLINE Pairs pair_up(v128_t a, v128_t b, v128_t c, v128_t d) {
  Pairs pairs = {
      {wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11), wasm_i16x8_shuffle(c, d, 0, 8, 1, 9, 2, 10, 3, 11)},
      {wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15), wasm_i16x8_shuffle(c, d, 4, 12, 5, 13, 6, 14, 7, 15)},
  };
  return pairs;
}

static ALWAYS_INLINE Sums multiply(const Pairs *pairs, int frequency) {
  v128_t first = wasm_v128_load32_splat(&matrix[frequency][0]);
  v128_t second = wasm_v128_load32_splat(&matrix[frequency][2]);
  Sums sums = {
      wasm_i32x4_add(wasm_i32x4_dot_i16x8(pairs->left[0], first), wasm_i32x4_dot_i16x8(pairs->left[1], second)),
      wasm_i32x4_add(wasm_i32x4_dot_i16x8(pairs->right[0], first), wasm_i32x4_dot_i16x8(pairs->right[1], second)),
  };
  return sums;
}

typedef struct {
  Pairs sums, differences; /* of opposite rows: for even and for odd frequencies */
} Halves;

static ALWAYS_INLINE Halves fold(const v128_t rows[N]) {
  v128_t sums[N / 2];
  v128_t differences[N / 2];
  for (int i = 0; i < N / 2; i++) {
    sums[i] = wasm_i16x8_add(rows[i], rows[N - 1 - i]);
    differences[i] = wasm_i16x8_sub(rows[i], rows[N - 1 - i]);
  }
  Halves halves = {
      pair_up(sums[0], sums[1], sums[2], sums[3]),
      pair_up(differences[0], differences[1], differences[2], differences[3]),
  };
  return halves;
}

static ALWAYS_INLINE const Pairs *half_for(const Halves *halves, int frequency) {
  return frequency % 2 == 0 ? &halves->sums : &halves->differences;
}

static ALWAYS_INLINE v128_t round_middle(Sums sums) {
  const int bits = MATRIX_BITS - MIDDLE_BITS;
  v128_t half = wasm_i32x4_splat(1 << (bits - 1));
  return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_add(sums.left, half), bits),
                                 wasm_i32x4_shr(wasm_i32x4_add(sums.right, half), bits));
}

static ALWAYS_INLINE void transpose(v128_t rows[N]) {
  v128_t words[N];
  for (int i = 0; i < N / 2; i++) {
    words[2 * i] = wasm_i16x8_shuffle(rows[2 * i], rows[2 * i + 1], 0, 8, 1, 9, 2, 10, 3, 11);
    words[2 * i + 1] = wasm_i16x8_shuffle(rows[2 * i], rows[2 * i + 1], 4, 12, 5, 13, 6, 14, 7, 15);
  }
  v128_t quads[N];
  for (int i = 0; i < N; i += 4) {
    quads[i] = wasm_i32x4_shuffle(words[i], words[i + 2], 0, 4, 1, 5);
    quads[i + 1] = wasm_i32x4_shuffle(words[i], words[i + 2], 2, 6, 3, 7);
    quads[i + 2] = wasm_i32x4_shuffle(words[i + 1], words[i + 3], 0, 4, 1, 5);
    quads[i + 3] = wasm_i32x4_shuffle(words[i + 1], words[i + 3], 2, 6, 3, 7);
  }
  for (int i = 0; i < N / 2; i++) {
    rows[2 * i] = wasm_i64x2_shuffle(quads[i], quads[i + 4], 0, 2);
    rows[2 * i + 1] = wasm_i64x2_shuffle(quads[i], quads[i + 4], 1, 3);
  }
}

static ALWAYS_INLINE v128_t divide(v128_t sums, const float *factors) {
  const float unit = 1.0f / (1 << (MATRIX_BITS + MIDDLE_BITS));
  v128_t scaled = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums), wasm_f32x4_splat(unit));
  v128_t steps = wasm_f32x4_mul(scaled, wasm_v128_load(factors));
  return wasm_i32x4_sub(wasm_f32x4_add(steps, wasm_f32x4_splat(ROUNDER)), wasm_i32x4_splat(ROUNDER_BITS));
}

/* Files those of eight values that are not zero, which are few, at their places. */
static ALWAYS_INLINE void file_row(v128_t row, const uint8_t *places, Block *block) {
  uint32_t found = wasm_i16x8_bitmask(wasm_i16x8_ne(row, wasm_i16x8_splat(0)));
  if (found == 0) {
    return;
  }
  int16_t values[N];
  wasm_v128_store(values, row);
  for (; found != 0; found &= found - 1) {
    int i = __builtin_ctz(found);
    block->values[places[i]] = values[i];
    block->nonzero |= UINT64_C(1) << places[i];
  }
}

void transform_block(const uint8_t *samples, size_t stride, const Quantizer *quantizer, Block *block) {
  v128_t rows[N];
  v128_t centre = wasm_i16x8_splat(CENTRE);
  for (int y = 0; y < N; y++) {
    rows[y] = wasm_i16x8_sub(wasm_u16x8_load8x8(samples + y * stride), centre);
  }
  Halves down = fold(rows);
  for (int frequency = 0; frequency < N; frequency++) {
    rows[frequency] = round_middle(multiply(half_for(&down, frequency), frequency));
  }
  transpose(rows);
  Halves across = fold(rows);
  block->values[0] = 0;
  block->nonzero = 0;
  for (int frequency = 0; frequency < N; frequency++) {
    Sums sums = multiply(half_for(&across, frequency), frequency);
    const float *factors = quantizer->factors + frequency * N;
    v128_t row = wasm_i16x8_narrow_i32x4(divide(sums.left, factors), divide(sums.right, factors + N / 2));
    file_row(row, zigzag_places + frequency * N, block);
  }
}
