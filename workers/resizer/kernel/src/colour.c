/* Lets jpeglib.h declare the modules of a running decoder. */
#define JPEG_INTERNALS
#include "colour.h"

#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

/* Pixels of one step. */
#define STEP 8
#define BYTES_PER_PIXEL 4

/*
 * JFIF: R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb. What is left of the whole part is a
 * fraction of 2^15, which the rounding 16-bit multiplication takes.
 */
#define FRACTION(value) ((int16_t)((value)*32768 + ((value) < 0 ? -0.5 : 0.5)))
#define RED_CR FRACTION(0.402)
#define BLUE_CB FRACTION(-0.228)
/* Green adds two products before it rounds, in 2^14. */
#define GREEN_BITS 14
#define GREEN_CB ((int16_t)(-0.344136 * 16384 - 0.5))
#define GREEN_CR ((int16_t)(-0.714136 * 16384 - 0.5))

static v128_t green_offset(v128_t cb, v128_t cr) {
  v128_t weights = wasm_i16x8_make(GREEN_CB, GREEN_CR, GREEN_CB, GREEN_CR, GREEN_CB, GREEN_CR, GREEN_CB, GREEN_CR);
  v128_t half = wasm_i32x4_splat(1 << (GREEN_BITS - 1));
  v128_t low = wasm_i16x8_shuffle(cb, cr, 0, 8, 1, 9, 2, 10, 3, 11);
  v128_t high = wasm_i16x8_shuffle(cb, cr, 4, 12, 5, 13, 6, 14, 7, 15);
  low = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_dot_i16x8(low, weights), half), GREEN_BITS);
  high = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_dot_i16x8(high, weights), half), GREEN_BITS);
  return wasm_i16x8_narrow_i32x4(low, high);
}

static void convert_step(const uint8_t *luma, const uint8_t *blue, const uint8_t *red, uint8_t *pixels) {
  v128_t centre = wasm_i16x8_splat(CENTERJSAMPLE);
  v128_t y = wasm_u16x8_load8x8(luma);
  v128_t cb = wasm_i16x8_sub(wasm_u16x8_load8x8(blue), centre);
  v128_t cr = wasm_i16x8_sub(wasm_u16x8_load8x8(red), centre);
  v128_t r = wasm_i16x8_add(wasm_i16x8_add(y, cr), wasm_i16x8_q15mulr_sat(cr, wasm_i16x8_splat(RED_CR)));
  v128_t g = wasm_i16x8_add(y, green_offset(cb, cr));
  v128_t twice_cb = wasm_i16x8_shl(cb, 1);
  v128_t b = wasm_i16x8_add(wasm_i16x8_add(y, twice_cb), wasm_i16x8_q15mulr_sat(cb, wasm_i16x8_splat(BLUE_CB)));
  v128_t rb = wasm_u8x16_narrow_i16x8(r, b);
  v128_t ga = wasm_u8x16_narrow_i16x8(g, wasm_i16x8_splat(MAXJSAMPLE));
  v128_t first = wasm_i8x16_shuffle(rb, ga, 0, 16, 8, 24, 1, 17, 9, 25, 2, 18, 10, 26, 3, 19, 11, 27);
  v128_t second = wasm_i8x16_shuffle(rb, ga, 4, 20, 12, 28, 5, 21, 13, 29, 6, 22, 14, 30, 7, 23, 15, 31);
  wasm_v128_store(pixels, first);
  wasm_v128_store(pixels + 2 * STEP, second);
}

/* The last few pixels go through buffers of a whole step: libjpeg's rows may end where the memory ends. */
static void convert_rest(const uint8_t *luma, const uint8_t *blue, const uint8_t *red, uint8_t *pixels, size_t count) {
  uint8_t samples[3][STEP] = {{0}};
  uint8_t converted[STEP * BYTES_PER_PIXEL];
  memcpy(samples[0], luma, count);
  memcpy(samples[1], blue, count);
  memcpy(samples[2], red, count);
  convert_step(samples[0], samples[1], samples[2], converted);
  memcpy(pixels, converted, count * BYTES_PER_PIXEL);
}

static void convert(j_decompress_ptr info, JSAMPIMAGE input, JDIMENSION input_row, JSAMPARRAY output, int count) {
  size_t width = info->output_width;
  size_t whole = width - width % STEP;
  for (int i = 0; i < count; i++) {
    const uint8_t *luma = input[0][input_row + i];
    const uint8_t *blue = input[1][input_row + i];
    const uint8_t *red = input[2][input_row + i];
    uint8_t *pixels = output[i];
    for (size_t x = 0; x < whole; x += STEP) {
      convert_step(luma + x, blue + x, red + x, pixels + x * BYTES_PER_PIXEL);
    }
    convert_rest(luma + whole, blue + whole, red + whole, pixels + whole * BYTES_PER_PIXEL, width - whole);
  }
}

void use_simd_colour(j_decompress_ptr info) {
  if (info->jpeg_color_space == JCS_YCbCr && info->out_color_space == JCS_EXT_RGBX) {
    info->cconvert->color_convert = convert;
  }
}
