/* How coarsely coefficients are kept. */
#ifndef QUANT_H
#define QUANT_H

#include "kernel.h"

/* A block has 8 samples each way. */
#define BLOCK_SIDE 8
#define BLOCK 64

typedef struct {
  uint8_t steps[BLOCK];  /* in the file's zigzag order */
  float factors[BLOCK];  /* 1 / step, by horizontal, then by vertical frequency: the order of a transformed block */
} Quantizer;

typedef enum { LUMA, CHROMA } Plane;

/* The tables of ITU-T T.81, Annex K.1, scaled to a quality from 1 to 100 as libjpeg does. */
void quantizer_make(Quantizer *quantizer, Plane plane, int quality);

/* The place in zigzag order of each coefficient, by horizontal, then by vertical frequency. */
extern const uint8_t zigzag_places[BLOCK];

#endif
