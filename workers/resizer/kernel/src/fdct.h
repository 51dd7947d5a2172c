/* From samples to the coefficients that a JPEG holds. */
#ifndef FDCT_H
#define FDCT_H

#include "quant.h"

typedef struct {
  int16_t values[BLOCK]; /* in zigzag order; undefined where the bit below is not set, except for the first */
  uint64_t nonzero;      /* one bit for each value, the lowest for the first */
} Block;

/* Fills the matrix; call before the first transform. */
void open_fdct(void);

/* Transforms 8 rows of 8 samples, which lie stride bytes apart, and quantizes. */
void transform_block(const uint8_t *samples, size_t stride, const Quantizer *quantizer, Block *block);

#endif
