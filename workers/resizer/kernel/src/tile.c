#include "tile.h"

#include <string.h>
#include <wasm_simd128.h>

#define OPAQUE 255
#define WHITE 255

/*
 * JFIF: Y = 0.299 R + 0.587 G + 0.114 B, Cb = 128 - 0.168736 R - 0.331264 G + 0.5 B, Cr = 128 + 0.5 R - 0.418688 G -
 * 0.081312 B, in 2^15. The weights of Y add up to one, those of Cb and Cr to nothing: grey stays grey.
 */
#define BITS 15
#define WEIGHTS(red, green, blue) wasm_i16x8_const(red, green, blue, 0, red, green, blue, 0)
#define LUMA_WEIGHTS WEIGHTS(9798, 19235, 3735)
#define BLUE_WEIGHTS WEIGHTS(-5529, -10855, 16384)
#define RED_WEIGHTS WEIGHTS(16384, -13720, -2664)
/* A chroma sample comes from the sum of four pixels. */
#define CHROMA_BITS (BITS + 2)
#define CHROMA_CENTRE 128

/* Weighs four pixels, two in each argument, channels of 16 bits. */
static inline v128_t weigh(v128_t two, v128_t next_two, v128_t weights) {
  v128_t first = wasm_i32x4_dot_i16x8(two, weights);
  v128_t second = wasm_i32x4_dot_i16x8(next_two, weights);
  return wasm_i32x4_add(wasm_i32x4_shuffle(first, second, 0, 2, 4, 6), wasm_i32x4_shuffle(first, second, 1, 3, 5, 7));
}

static inline v128_t luma_of_four(v128_t pixels) {
  v128_t sums = weigh(wasm_u16x8_extend_low_u8x16(pixels), wasm_u16x8_extend_high_u8x16(pixels), LUMA_WEIGHTS);
  return wasm_i32x4_shr(wasm_i32x4_add(sums, wasm_i32x4_splat(1 << (BITS - 1))), BITS);
}

static inline v128_t luma_of_sixteen(const uint8_t *pixels) {
  v128_t low = wasm_i16x8_narrow_i32x4(luma_of_four(wasm_v128_load(pixels)), luma_of_four(wasm_v128_load(pixels + 16)));
  v128_t high =
      wasm_i16x8_narrow_i32x4(luma_of_four(wasm_v128_load(pixels + 32)), luma_of_four(wasm_v128_load(pixels + 48)));
  return wasm_u8x16_narrow_i16x8(low, high);
}

/* The sums of two squares of four pixels: two pixels' worth of channels. */
static inline v128_t add_squares(const uint8_t *upper, const uint8_t *lower) {
  v128_t above = wasm_v128_load(upper);
  v128_t below = wasm_v128_load(lower);
  v128_t left = wasm_i16x8_add(wasm_u16x8_extend_low_u8x16(above), wasm_u16x8_extend_low_u8x16(below));
  v128_t right = wasm_i16x8_add(wasm_u16x8_extend_high_u8x16(above), wasm_u16x8_extend_high_u8x16(below));
  return wasm_i16x8_add(wasm_i64x2_shuffle(left, right, 0, 2), wasm_i64x2_shuffle(left, right, 1, 3));
}

static inline void store_chroma(const v128_t squares[4], v128_t weights, uint8_t *samples) {
  v128_t start = wasm_i32x4_splat((CHROMA_CENTRE << CHROMA_BITS) + (1 << (CHROMA_BITS - 1)));
  v128_t low = wasm_i32x4_add(weigh(squares[0], squares[1], weights), start);
  v128_t high = wasm_i32x4_add(weigh(squares[2], squares[3], weights), start);
  v128_t words = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(low, CHROMA_BITS), wasm_i32x4_shr(high, CHROMA_BITS));
  wasm_v128_store64_lane(samples, wasm_u8x16_narrow_i16x8(words, words), 0);
}

static void convert(Tile *tile, const uint8_t *pixels, size_t stride) {
  for (int y = 0; y < TILE_SIDE; y += 2) {
    const uint8_t *upper = pixels + y * stride;
    const uint8_t *lower = upper + stride;
    wasm_v128_store(tile->luma + y * TILE_SIDE, luma_of_sixteen(upper));
    wasm_v128_store(tile->luma + (y + 1) * TILE_SIDE, luma_of_sixteen(lower));
    v128_t squares[4];
    for (int i = 0; i < 4; i++) {
      squares[i] = add_squares(upper + i * 16, lower + i * 16);
    }
    store_chroma(squares, BLUE_WEIGHTS, tile->blue + y / 2 * BLOCK_SIDE);
    store_chroma(squares, RED_WEIGHTS, tile->red + y / 2 * BLOCK_SIDE);
  }
}

static int least(int a, int b) {
  return a < b ? a : b;
}

static void copy_onto_white(const uint8_t *pixel, uint8_t *to) {
  int alpha = pixel[3];
  for (int channel = 0; channel < 3; channel++) {
    to[channel] = (uint8_t)((pixel[channel] * alpha + WHITE * (OPAQUE - alpha) + OPAQUE / 2) / OPAQUE);
  }
}

/* Copies a tile that is cut off by the border or shows what is behind it. */
static void copy(uint8_t *copied, const Surface *surface, int left, int top) {
  for (int y = 0; y < TILE_SIDE; y++) {
    const uint8_t *row = surface->pixels + (size_t)least(top + y, surface->height - 1) * surface->width * CHANNELS;
    for (int x = 0; x < TILE_SIDE; x++) {
      const uint8_t *pixel = row + (size_t)least(left + x, surface->width - 1) * CHANNELS;
      uint8_t *to = copied + (y * TILE_SIDE + x) * CHANNELS;
      if (surface->alpha) {
        copy_onto_white(pixel, to);
      } else {
        memcpy(to, pixel, CHANNELS);
      }
    }
  }
}

void tile_load(Tile *tile, const Surface *surface, int left, int top) {
  bool whole = left + TILE_SIDE <= surface->width && top + TILE_SIDE <= surface->height;
  if (whole && !surface->alpha) {
    size_t stride = (size_t)surface->width * CHANNELS;
    convert(tile, surface->pixels + top * stride + (size_t)left * CHANNELS, stride);
    return;
  }
  uint8_t copied[TILE_SIDE * TILE_SIDE * CHANNELS];
  copy(copied, surface, left, top);
  convert(tile, copied, TILE_SIDE * CHANNELS);
}
