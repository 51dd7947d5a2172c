#include "rows.h"

#include <wasm_simd128.h>

#include "filter.h"

#define OPAQUE 255
#define HALF(bits) (1 << ((bits)-1))

/* 32-bit sums hold: weights sum to 2^14 with at most 1.5 times that in absolute value, channels stay below 2^15. */
typedef struct {
  v128_t a, b, c, d;
} Sums;

void widen_opaque(const uint8_t *pixels, int count, int16_t *widened) {
  for (int x = 0; x < count; x += 4) {
    v128_t four = wasm_v128_load(pixels + (size_t)x * CHANNELS);
    v128_t paired = wasm_i8x16_shuffle(four, four, 0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
    v128_t low = wasm_i16x8_shl(wasm_u16x8_extend_low_u8x16(paired), FRACTION_BITS);
    v128_t high = wasm_i16x8_shl(wasm_u16x8_extend_high_u8x16(paired), FRACTION_BITS);
    wasm_v128_store(widened + (size_t)x * CHANNELS, low);
    wasm_v128_store(widened + (size_t)x * CHANNELS + 8, high);
  }
}

/*
 * A product of two bytes times 2^FRACTION_BITS / 255. The multiplication rounds a fraction of 2^15 and wants signed
 * numbers, so the product is halved and the fraction doubled; 255 × 255 gives exactly 255 << FRACTION_BITS.
 */
static v128_t scale_product(v128_t product) {
  const int fraction = ((1 << 16) << FRACTION_BITS) / OPAQUE;
  return wasm_i16x8_q15mulr_sat(wasm_u16x8_shr(product, 1), wasm_i16x8_splat(fraction));
}

void widen_premultiplied(const uint8_t *pixels, int count, int16_t *widened) {
  v128_t opaque = wasm_i8x16_splat((int8_t)OPAQUE);
  for (int x = 0; x < count; x += 4) {
    v128_t four = wasm_v128_load(pixels + (size_t)x * CHANNELS);
    v128_t paired = wasm_i8x16_shuffle(four, four, 0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
    /* Colours meet their alpha, alpha meets 255. */
    v128_t factors = wasm_i8x16_shuffle(four, opaque, 3, 7, 3, 7, 3, 7, 16, 16, 11, 15, 11, 15, 11, 15, 16, 16);
    v128_t low = scale_product(wasm_u16x8_extmul_low_u8x16(paired, factors));
    v128_t high = scale_product(wasm_u16x8_extmul_high_u8x16(paired, factors));
    wasm_v128_store(widened + (size_t)x * CHANNELS, low);
    wasm_v128_store(widened + (size_t)x * CHANNELS + 8, high);
  }
}

void shrink_across(const int16_t *upper, const int16_t *lower, Across across, int count, int16_t *interleaved) {
  const int16_t *weights = across.weights;
  for (int x = 0; x < count; x++) {
    size_t from = (size_t)(across.starts[x] - across.first) * CHANNELS;
    const int16_t *above = upper + from;
    const int16_t *below = lower + from;
    v128_t sum_above = wasm_i32x4_splat(HALF(WEIGHT_BITS));
    v128_t sum_below = sum_above;
    for (int tap = 0; tap < across.taps; tap += 2) {
      v128_t weight = wasm_v128_load32_splat(weights + tap);
      v128_t two_above = wasm_v128_load(above + tap * CHANNELS);
      v128_t two_below = wasm_v128_load(below + tap * CHANNELS);
      sum_above = wasm_i32x4_add(sum_above, wasm_i32x4_dot_i16x8(two_above, weight));
      sum_below = wasm_i32x4_add(sum_below, wasm_i32x4_dot_i16x8(two_below, weight));
    }
    v128_t both =
        wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(sum_above, WEIGHT_BITS), wasm_i32x4_shr(sum_below, WEIGHT_BITS));
    v128_t mixed = wasm_i16x8_shuffle(both, both, 0, 4, 1, 5, 2, 6, 3, 7);
    wasm_v128_store(interleaved + (size_t)x * CHANNELS * 2, mixed);
    weights += across.taps;
  }
}

/* Four pixels of every pair, weighted and added up; the rounding half is already in. */
static inline Sums sum_four_pixels(const int16_t *const *pairs, const int16_t *weights, int pair_count, size_t offset,
                                   int half) {
  v128_t start = wasm_i32x4_splat(half);
  Sums sums = {start, start, start, start};
  for (int i = 0; i < pair_count; i++) {
    v128_t weight = wasm_v128_load32_splat(weights + 2 * i);
    const int16_t *pair = pairs[i] + offset;
    sums.a = wasm_i32x4_add(sums.a, wasm_i32x4_dot_i16x8(wasm_v128_load(pair), weight));
    sums.b = wasm_i32x4_add(sums.b, wasm_i32x4_dot_i16x8(wasm_v128_load(pair + 8), weight));
    sums.c = wasm_i32x4_add(sums.c, wasm_i32x4_dot_i16x8(wasm_v128_load(pair + 16), weight));
    sums.d = wasm_i32x4_add(sums.d, wasm_i32x4_dot_i16x8(wasm_v128_load(pair + 24), weight));
  }
  return sums;
}

void sum_down(const int16_t *const *pairs, const int16_t *weights, int pair_count, int count, uint8_t *pixels) {
  const int bits = WEIGHT_BITS + FRACTION_BITS;
  for (int x = 0; x < count; x += 4) {
    Sums sums = sum_four_pixels(pairs, weights, pair_count, (size_t)x * CHANNELS * 2, HALF(bits));
    v128_t low = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(sums.a, bits), wasm_i32x4_shr(sums.b, bits));
    v128_t high = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(sums.c, bits), wasm_i32x4_shr(sums.d, bits));
    wasm_v128_store(pixels + (size_t)x * CHANNELS, wasm_u8x16_narrow_i16x8(low, high));
  }
}

void sum_down_wide(const int16_t *const *pairs, const int16_t *weights, int pair_count, int count, int16_t *wide) {
  const int bits = WEIGHT_BITS;
  for (int x = 0; x < count; x += 4) {
    Sums sums = sum_four_pixels(pairs, weights, pair_count, (size_t)x * CHANNELS * 2, HALF(bits));
    v128_t low = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(sums.a, bits), wasm_i32x4_shr(sums.b, bits));
    v128_t high = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(sums.c, bits), wasm_i32x4_shr(sums.d, bits));
    wasm_v128_store(wide + (size_t)x * CHANNELS, low);
    wasm_v128_store(wide + (size_t)x * CHANNELS + 8, high);
  }
}

void unpremultiply(const int16_t *wide, int count, uint8_t *pixels) {
  const int full = OPAQUE << FRACTION_BITS;
  const float alpha_factor = 1.0f / (1 << FRACTION_BITS);
  for (int x = 0; x < count; x++) {
    const int16_t *from = wide + (size_t)x * CHANNELS;
    uint8_t *to = pixels + (size_t)x * CHANNELS;
    int alpha = from[3] > full ? full : from[3];
    /* What rounds to no alpha has no colour. */
    if (alpha < HALF(FRACTION_BITS)) {
      wasm_v128_store32_lane(to, wasm_i32x4_splat(0), 0);
      continue;
    }
    float factor = (float)OPAQUE / (float)alpha;
    v128_t factors = wasm_f32x4_make(factor, factor, factor, alpha_factor);
    v128_t channels = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_load16x4(from)), factors);
    v128_t rounded = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_add(channels, wasm_f32x4_splat(0.5f)));
    /* Ringing may lift a colour above its alpha or below nothing: narrowing cuts that off. */
    v128_t words = wasm_i16x8_narrow_i32x4(rounded, rounded);
    wasm_v128_store32_lane(to, wasm_u8x16_narrow_i16x8(words, words), 0);
  }
}
