/* Streaming Lanczos3: rows go in from top to bottom, a finished picture comes out; only a few rows are held. */
#ifndef SCALER_H
#define SCALER_H

#include "filter.h"

typedef struct {
  double x, y, width, height;
} Window;

typedef struct {
  int in_width, in_height, out_width, out_height;
  Window window; /* the part of the input that fills the output */
  bool alpha;    /* weigh colours by their alpha */
} ScalerPlan;

typedef struct {
  ScalerPlan plan;
  bool copy; /* nothing to scale */
  Filter across, down;
  int16_t *upper, *lower;    /* the widened pair of input rows */
  int16_t *ring;             /* row pairs after the horizontal step */
  const int16_t **ring_rows; /* the pairs that one output row needs, in order */
  int16_t *wide;             /* one output row before its colours are divided by alpha */
  int in_y, out_y;           /* rows taken, rows written */
  uint8_t *out;
} Scaler;

/* The window that is the whole input. */
Window whole_window(int width, int height);

/* False, with nothing held, when a size or the window makes no sense or memory is short. */
bool scaler_start(Scaler *scaler, ScalerPlan plan);

/* Takes the next input row: in_width pixels, ROW_SLACK more must be readable. Rows after the last are ignored. */
void scaler_take(Scaler *scaler, const uint8_t *row);

/* Frees everything but the picture and hands that over; NULL when rows are missing. */
uint8_t *scaler_finish(Scaler *scaler);

#endif
