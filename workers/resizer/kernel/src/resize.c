/* The scaler as JavaScript sees it: row by row, or from one picture to the next. */
#include <stdlib.h>

#include "memory.h"
#include "rows.h"
#include "scaler.h"

static Scaler streamed;
static uint8_t *streamed_row;

static void drop_streamed(void) {
  free(scaler_finish(&streamed));
  free(streamed_row);
  streamed_row = NULL;
}

/* Begins a picture that comes row by row; one at a time, an unfinished one is dropped. */
EXPORT(scaler_open)
int scaler_open(int in_width, int in_height, int out_width, int out_height, int alpha) {
  drop_streamed();
  ScalerPlan plan = {in_width, in_height, out_width, out_height, whole_window(in_width, in_height), alpha != 0};
  if (!scaler_start(&streamed, plan)) {
    return 0;
  }
  streamed_row = array_alloc((uint64_t)in_width + ROW_SLACK, CHANNELS, 0);
  if (streamed_row == NULL) {
    drop_streamed();
    return 0;
  }
  return 1;
}

/* Where the next row is to be written; 0 when no scaler is open. The place stays the same from open to close. */
EXPORT(scaler_row)
uint8_t *scaler_row(void) {
  return streamed_row;
}

/* Takes the row that lies in scaler_row. */
EXPORT(scaler_push)
void scaler_push(void) {
  if (streamed_row != NULL) {
    scaler_take(&streamed, streamed_row);
  }
}

/* The finished picture, which is the caller's to release; 0 when rows are missing. */
EXPORT(scaler_close)
uint8_t *scaler_close(void) {
  if (streamed_row == NULL) {
    return NULL;
  }
  uint8_t *out = scaler_finish(&streamed);
  free(streamed_row);
  streamed_row = NULL;
  return out;
}

/* Scales a window of a picture to a new picture; the window may begin between pixels. The input stays. */
EXPORT(resize)
uint8_t *resize(const uint8_t *pixels, int width, int height, double crop_x, double crop_y, double crop_width,
                double crop_height, int out_width, int out_height, int alpha) {
  ScalerPlan plan = {width, height, out_width, out_height, {crop_x, crop_y, crop_width, crop_height}, alpha != 0};
  Scaler scaler;
  if (!scaler_start(&scaler, plan)) {
    return NULL;
  }
  for (int y = 0; y < height; y++) {
    scaler_take(&scaler, pixels + (size_t)y * width * CHANNELS);
  }
  return scaler_finish(&scaler);
}
