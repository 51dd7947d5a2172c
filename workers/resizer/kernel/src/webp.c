/* WebP as JavaScript sees it: a canvas, one frame onto it, the scaled picture. One at a time. */
#include <stdlib.h>

#include "lossless.h"
#include "lossy.h"

static Canvas canvas;
static int frame_height;

/*
 * Begins a picture: the canvas, where the frame lies on it, and the size to scale to. An unfinished one is dropped.
 * 0 when a size or the place makes no sense or memory is short.
 */
EXPORT(webp_open)
int webp_open(int width, int height, int left, int top, int out_width, int out_height, int alpha) {
  if (canvas.row != NULL) {
    canvas_drop(&canvas);
  }
  ScalerPlan plan = {width, height, out_width, out_height, whole_window(width, height), alpha != 0};
  frame_height = 0;
  return canvas_open(&canvas, plan, left, top) ? 1 : 0;
}

/* Decodes the content of a VP8 chunk and of its ALPH chunk, of length 0 where there is none. Answers a FrameEnd. */
EXPORT(webp_lossy)
int webp_lossy(const uint8_t *frame, size_t length, const uint8_t *alpha, size_t alpha_length) {
  if (canvas.row == NULL) {
    return FRAME_DAMAGED;
  }
  Bytes colours = {frame, length};
  Bytes transparency = {alpha, alpha_length};
  return decode_lossy(&canvas, colours, transparency, &frame_height);
}

/* Decodes the content of a VP8L chunk. Answers a FrameEnd. */
EXPORT(webp_lossless)
int webp_lossless(const uint8_t *frame, size_t length) {
  if (canvas.row == NULL) {
    return FRAME_DAMAGED;
  }
  Bytes pixels = {frame, length};
  return decode_lossless(&canvas, pixels, &frame_height);
}

/* The finished picture, which is the caller's to release; 0 when rows are missing. */
EXPORT(webp_close)
uint8_t *webp_close(void) {
  return canvas.row == NULL ? NULL : canvas_finish(&canvas, frame_height);
}
