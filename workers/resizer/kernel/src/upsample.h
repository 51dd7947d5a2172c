/* Lossy WebP's colours to RGBA by SIMD: to the bit what libwebp's own upsampler and converter give. */
#ifndef UPSAMPLE_H
#define UPSAMPLE_H

#include "kernel.h"

/* Rows are read in whole steps of this many luma samples and half as many colour differences, as libwebp's rows have. */
#define UPSAMPLE_STEP 16

/* A row of colour differences, half as wide as the picture, rounded up. */
typedef struct {
  const uint8_t *blue, *red;
} ChromaRow;

/* Room for one row of colour differences, weighted: 16-bit numbers for a row of that many pixels. */
size_t upsample_scratch(int width);

/*
 * Writes one row of opaque RGBA, exactly width pixels, from its luma, the colour row that it belongs to and the nearest
 * other one. blue and red are upsample_scratch numbers each, for its own use.
 */
void upsample_row(const uint8_t *luma, ChromaRow near, ChromaRow far, int width, uint16_t *blue, uint16_t *red,
                  uint8_t *pixels);

#endif
