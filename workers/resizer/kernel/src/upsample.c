#include "upsample.h"

#include <string.h>
#include <wasm_simd128.h>

#define CHROMA_STEP (UPSAMPLE_STEP / 2)

/*
 * BT.601 with black at 16 and white at 235, in libwebp's fixed point: a sample times a factor of 2^14, of which the
 * 8 lowest bits are dropped, then an offset; 6 bits of fraction are left.
 */
#define LUMA 19077
#define RED_V 26149
#define GREEN_U 6419
#define GREEN_V 13320
#define BLUE_U 33050
#define RED_OFFSET 14234
#define GREEN_OFFSET 8708
#define BLUE_OFFSET 17685
#define COLOUR_BITS 6

/* One number before a row and one behind it repeat its ends. */
#define EDGE 1

size_t upsample_scratch(int width) {
  return (size_t)width / 2 + CHROMA_STEP + 2 * EDGE;
}

/* Three parts of the near row and one of the far one. */
static void weigh(const uint8_t *near, const uint8_t *far, int count, uint16_t *weighted) {
  for (int x = 0; x < count; x += CHROMA_STEP) {
    v128_t three = wasm_i16x8_mul(wasm_u16x8_load8x8(near + x), wasm_i16x8_splat(3));
    wasm_v128_store(weighted + EDGE + x, wasm_i16x8_add(three, wasm_u16x8_load8x8(far + x)));
  }
  weighted[0] = weighted[EDGE];
  weighted[EDGE + count] = weighted[EDGE + count - 1];
}

typedef struct {
  v128_t low, high;
} Sixteen;

/* Sixteen samples from eight weighted ones and their neighbours, again three parts to one. */
static inline Sixteen widen(const uint16_t *weighted) {
  v128_t centre = wasm_v128_load(weighted + EDGE);
  v128_t three = wasm_i16x8_add(wasm_i16x8_mul(centre, wasm_i16x8_splat(3)), wasm_i16x8_splat(8));
  v128_t even = wasm_u16x8_shr(wasm_i16x8_add(three, wasm_v128_load(weighted)), 4);
  v128_t odd = wasm_u16x8_shr(wasm_i16x8_add(three, wasm_v128_load(weighted + 2 * EDGE)), 4);
  Sixteen samples = {wasm_i16x8_shuffle(even, odd, 0, 8, 1, 9, 2, 10, 3, 11),
                     wasm_i16x8_shuffle(even, odd, 4, 12, 5, 13, 6, 14, 7, 15)};
  return samples;
}

/* A sample times a factor, less the 8 lowest bits. */
static inline v128_t scaled(v128_t samples, int factor) {
  v128_t shifted = wasm_i16x8_shl(samples, 8);
  v128_t factors = wasm_i16x8_splat((int16_t)factor);
  v128_t low = wasm_u32x4_extmul_low_u16x8(shifted, factors);
  v128_t high = wasm_u32x4_extmul_high_u16x8(shifted, factors);
  return wasm_i16x8_shuffle(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
}

static inline void convert(v128_t luma, v128_t u, v128_t v, uint8_t *pixels) {
  v128_t y = scaled(luma, LUMA);
  v128_t r = wasm_i16x8_sub(wasm_i16x8_add(y, scaled(v, RED_V)), wasm_i16x8_splat(RED_OFFSET));
  v128_t drawn = wasm_i16x8_add(scaled(u, GREEN_U), scaled(v, GREEN_V));
  v128_t g = wasm_i16x8_sub(wasm_i16x8_add(y, wasm_i16x8_splat(GREEN_OFFSET)), drawn);
  /* Blue alone goes beyond what a signed number holds. */
  v128_t blue = wasm_u16x8_sub_sat(wasm_i16x8_add(y, scaled(u, BLUE_U)), wasm_i16x8_splat(BLUE_OFFSET));
  v128_t rb = wasm_u8x16_narrow_i16x8(wasm_i16x8_shr(r, COLOUR_BITS), wasm_u16x8_shr(blue, COLOUR_BITS));
  v128_t ga = wasm_u8x16_narrow_i16x8(wasm_i16x8_shr(g, COLOUR_BITS), wasm_i16x8_splat(255));
  v128_t first = wasm_i8x16_shuffle(rb, ga, 0, 16, 8, 24, 1, 17, 9, 25, 2, 18, 10, 26, 3, 19, 11, 27);
  v128_t second = wasm_i8x16_shuffle(rb, ga, 4, 20, 12, 28, 5, 21, 13, 29, 6, 22, 14, 30, 7, 23, 15, 31);
  wasm_v128_store(pixels, first);
  wasm_v128_store(pixels + 4 * CHANNELS, second);
}

static inline void upsample_step(const uint8_t *luma, const uint16_t *blue, const uint16_t *red, uint8_t *pixels) {
  v128_t y = wasm_v128_load(luma);
  Sixteen u = widen(blue);
  Sixteen v = widen(red);
  convert(wasm_u16x8_extend_low_u8x16(y), u.low, v.low, pixels);
  convert(wasm_u16x8_extend_high_u8x16(y), u.high, v.high, pixels + CHROMA_STEP * CHANNELS);
}

void upsample_row(const uint8_t *luma, ChromaRow near, ChromaRow far, int width, uint16_t *blue, uint16_t *red,
                  uint8_t *pixels) {
  int chroma_width = (width + 1) / 2;
  weigh(near.blue, far.blue, chroma_width, blue);
  weigh(near.red, far.red, chroma_width, red);
  int whole = width - width % UPSAMPLE_STEP;
  for (int x = 0; x < whole; x += UPSAMPLE_STEP) {
    upsample_step(luma + x, blue + x / 2, red + x / 2, pixels + (size_t)x * CHANNELS);
  }
  if (whole < width) {
    /* Behind a frame's end the canvas may go on: nothing is written there. */
    uint8_t last[UPSAMPLE_STEP * CHANNELS];
    upsample_step(luma + whole, blue + whole / 2, red + whole / 2, last);
    memcpy(pixels + (size_t)whole * CHANNELS, last, (size_t)(width - whole) * CHANNELS);
  }
}
