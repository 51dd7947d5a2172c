/*
 * SIMD work on single rows. Between the two directions a channel is a 16-bit number with FRACTION_BITS more bits than
 * a byte: nothing is rounded to 8 bits or cut off at black and white before the very end.
 *
 * Rows travel in pairs: two neighbours, along the row before the horizontal step and across rows before the vertical
 * one, lie side by side, as the multiply-and-add instruction for 16-bit pairs wants them.
 */
#ifndef ROWS_H
#define ROWS_H

#include "kernel.h"

#define FRACTION_BITS 6

/* Pixels that the functions below may read or write behind the end of a row. */
#define ROW_SLACK 4

/* Widens count RGBA pixels to pairs r0 r1 g0 g1 b0 b1 a0 a1. */
void widen_opaque(const uint8_t *pixels, int count, int16_t *widened);

/* The same, with colours multiplied by their alpha. */
void widen_premultiplied(const uint8_t *pixels, int count, int16_t *widened);

/* The horizontal step for one output pixel: where its input begins and its weights. */
typedef struct {
  const int *starts;
  const int16_t *weights;
  int taps;
  int first; /* the input sample at which the widened rows begin */
} Across;

/* Shrinks two widened rows at once; answers them interleaved, upper and lower row side by side, channel by channel. */
void shrink_across(const int16_t *upper, const int16_t *lower, Across across, int count, int16_t *interleaved);

/* Sums count pixels of pair_count interleaved row pairs with two weights each, down to bytes. */
void sum_down(const int16_t *const *pairs, const int16_t *weights, int pair_count, int count, uint8_t *pixels);

/* The same, keeping the fraction bits. */
void sum_down_wide(const int16_t *const *pairs, const int16_t *weights, int pair_count, int count, int16_t *wide);

/* Divides colours by their alpha again, down to bytes. */
void unpremultiply(const int16_t *wide, int count, uint8_t *pixels);

#endif
