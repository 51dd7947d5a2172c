/*
 * What a WebP's frame lies on: one row as wide as the canvas, in which the frame fills its part. A still picture fills
 * all of it, the first frame of an animation may not: what it leaves free is transparent.
 */
#ifndef CANVAS_H
#define CANVAS_H

#include "scaler.h"

typedef struct {
  Scaler scaler;
  int left, top;
  uint8_t *row; /* NULL while no canvas is open */
} Canvas;

/* False, with nothing held, when a size or the place makes no sense or memory is short. */
bool canvas_open(Canvas *canvas, ScalerPlan plan, int left, int top);

/* True when a frame of this size lies within the canvas. */
bool canvas_fits(const Canvas *canvas, int width, int height);

/* Where the frame's next row is to be written; ROW_SLACK pixels more may be. */
uint8_t *canvas_row(const Canvas *canvas);

/* Takes the row that lies there. */
void canvas_take(Canvas *canvas);

/* Fills what lies below the frame, frees everything but the scaled picture and hands that over; NULL when rows miss. */
uint8_t *canvas_finish(Canvas *canvas, int frame_height);

/* Frees everything. */
void canvas_drop(Canvas *canvas);

#endif
