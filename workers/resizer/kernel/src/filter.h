/* Lanczos3 weights for one direction, in fixed point. */
#ifndef FILTER_H
#define FILTER_H

#include "kernel.h"

/* Weights are fractions of 2^14: the largest power of two at which a sharpening weight still fits 16 bits. */
#define WEIGHT_BITS 14

typedef struct {
  int count;        /* output samples */
  int taps;         /* weights of one output sample; even, so that samples can be taken in pairs */
  int first;        /* first input sample that is used; even */
  int end;          /* one past the last input sample that is used */
  int *starts;      /* for each output sample the input sample of its first weight; even, never decreasing */
  int16_t *weights; /* count rows of taps weights; every row sums to exactly 2^WEIGHT_BITS */
} Filter;

/*
 * Prepares the way from the window [offset, offset + span) of in_count samples to out_count samples. Samples outside
 * the window but inside the input still count at its border. False when memory is short.
 */
bool filter_open(Filter *filter, int in_count, double offset, double span, int out_count);

/* Frees what filter_open took, also after it failed. */
void filter_close(Filter *filter);

#endif
