#include "canvas.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rows.h"

static size_t row_bytes(const Canvas *canvas) {
  return ((size_t)canvas->scaler.plan.in_width + ROW_SLACK) * CHANNELS;
}

static void take_empty_rows(Canvas *canvas, int count) {
  memset(canvas->row, 0, row_bytes(canvas));
  for (int i = 0; i < count; i++) {
    scaler_take(&canvas->scaler, canvas->row);
  }
}

bool canvas_open(Canvas *canvas, ScalerPlan plan, int left, int top) {
  if (left < 0 || left >= plan.in_width || top < 0 || top >= plan.in_height || !scaler_start(&canvas->scaler, plan)) {
    return false;
  }
  canvas->left = left;
  canvas->top = top;
  canvas->row = array_alloc((uint64_t)plan.in_width + ROW_SLACK, CHANNELS, 0);
  if (canvas->row == NULL) {
    canvas_drop(canvas);
    return false;
  }
  take_empty_rows(canvas, top);
  return true;
}

bool canvas_fits(const Canvas *canvas, int width, int height) {
  const ScalerPlan *plan = &canvas->scaler.plan;
  return width <= plan->in_width - canvas->left && height <= plan->in_height - canvas->top;
}

uint8_t *canvas_row(const Canvas *canvas) {
  return canvas->row + (size_t)canvas->left * CHANNELS;
}

void canvas_take(Canvas *canvas) {
  scaler_take(&canvas->scaler, canvas->row);
}

uint8_t *canvas_finish(Canvas *canvas, int frame_height) {
  take_empty_rows(canvas, canvas->scaler.plan.in_height - canvas->top - frame_height);
  uint8_t *picture = scaler_finish(&canvas->scaler);
  canvas_drop(canvas);
  return picture;
}

void canvas_drop(Canvas *canvas) {
  free(scaler_finish(&canvas->scaler));
  free(canvas->row);
  canvas->row = NULL;
}
