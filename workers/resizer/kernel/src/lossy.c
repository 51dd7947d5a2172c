#include "lossy.h"

#include <stdlib.h>
#include <string.h>

#include "deblock.h"
#include "memory.h"
#include "src/dec/vp8i_dec.h"
#include "upsample.h"

/*
 * libwebp hands over some rows at a time. The last one often waits for colours of the next ones, so it is kept here
 * together with the colours above it.
 */
typedef struct {
  Canvas *canvas;
  VP8Decoder *decoder;
  Bytes alpha;
  uint8_t *luma;                /* the row that waits */
  uint8_t *luma_alpha;          /* and its alpha */
  uint8_t *blue, *red;          /* the last colour row of what came before */
  uint16_t *blue_sum, *red_sum; /* for upsample_row */
  bool is_waiting;
} Lossy;

static uint64_t whole_steps(int width) {
  return (uint64_t)width + UPSAMPLE_STEP;
}

static bool open_rows(Lossy *lossy, int width) {
  lossy->luma = array_alloc(whole_steps(width), 1, 0);
  lossy->luma_alpha = array_alloc(whole_steps(width), 1, 0);
  lossy->blue = array_alloc(whole_steps(width), 1, 0);
  lossy->red = array_alloc(whole_steps(width), 1, 0);
  lossy->blue_sum = array_alloc(upsample_scratch(width), sizeof(uint16_t), 0);
  lossy->red_sum = array_alloc(upsample_scratch(width), sizeof(uint16_t), 0);
  return lossy->luma != NULL && lossy->luma_alpha != NULL && lossy->blue != NULL && lossy->red != NULL &&
         lossy->blue_sum != NULL && lossy->red_sum != NULL;
}

static void free_rows(Lossy *lossy) {
  free(lossy->luma);
  free(lossy->luma_alpha);
  free(lossy->blue);
  free(lossy->red);
  free(lossy->blue_sum);
  free(lossy->red_sum);
}

static void emit(Lossy *lossy, const uint8_t *luma, const uint8_t *alpha, ChromaRow near, ChromaRow far, int width) {
  uint8_t *row = canvas_row(lossy->canvas);
  upsample_row(luma, near, far, width, lossy->blue_sum, lossy->red_sum, row);
  if (alpha != NULL) {
    for (int x = 0; x < width; x++) {
      row[x * CHANNELS + 3] = alpha[x];
    }
  }
  canvas_take(lossy->canvas);
}

static void keep_row(Lossy *lossy, const uint8_t *luma, const uint8_t *alpha, int width) {
  memcpy(lossy->luma, luma, (size_t)width);
  if (alpha != NULL) {
    memcpy(lossy->luma_alpha, alpha, (size_t)width);
  }
  lossy->is_waiting = true;
}

static void keep_colours(Lossy *lossy, ChromaRow last, int width) {
  size_t chroma_width = (size_t)(width + 1) / 2;
  memcpy(lossy->blue, last.blue, chroma_width);
  memcpy(lossy->red, last.red, chroma_width);
}

/*
 * An alpha plane that the decoder knows of beforehand is set aside twice, a byte for each pixel; told of now, it is
 * there once. NULL when the alpha is damaged.
 */
static const uint8_t *alpha_rows(Lossy *lossy, const VP8Io *io) {
  lossy->decoder->alpha_data_ = lossy->alpha.start;
  lossy->decoder->alpha_data_size_ = lossy->alpha.length;
  const uint8_t *rows = VP8DecompressAlphaRows(lossy->decoder, io, io->mb_y, io->mb_h);
  lossy->decoder->alpha_data_ = NULL;
  return rows;
}

/* Rows begin at an even one. Row 2n lies nearest to colour row n and then n - 1, row 2n + 1 to n and then n + 1. */
static void take_rows(Lossy *lossy, const VP8Io *io, const uint8_t *alpha) {
  int width = io->mb_w;
  ChromaRow above = {lossy->blue, lossy->red};
  for (int y = 0; y < io->mb_h; y += 2) {
    size_t offset = (size_t)(y / 2) * (size_t)io->uv_stride;
    ChromaRow here = {io->u + offset, io->v + offset};
    if (lossy->is_waiting) {
      emit(lossy, lossy->luma, alpha == NULL ? NULL : lossy->luma_alpha, above, here, width);
      lossy->is_waiting = false;
    }
    const uint8_t *luma = io->y + (size_t)y * (size_t)io->y_stride;
    const uint8_t *row_alpha = alpha == NULL ? NULL : alpha + (size_t)y * (size_t)width;
    emit(lossy, luma, row_alpha, here, io->mb_y + y == 0 ? here : above, width);
    if (y + 1 < io->mb_h) {
      keep_row(lossy, luma + io->y_stride, row_alpha == NULL ? NULL : row_alpha + width, width);
    }
    above = here;
  }
  keep_colours(lossy, above, width);
  if (lossy->is_waiting && io->mb_y + io->mb_h == io->height) {
    emit(lossy, lossy->luma, alpha == NULL ? NULL : lossy->luma_alpha, above, above, width);
    lossy->is_waiting = false;
  }
}

static int put(const VP8Io *io) {
  Lossy *lossy = io->opaque;
  const uint8_t *alpha = NULL;
  if (lossy->alpha.length > 0) {
    alpha = alpha_rows(lossy, io);
    if (alpha == NULL) {
      return 0;
    }
  }
  take_rows(lossy, io, alpha);
  return 1;
}

static FrameEnd run(Lossy *lossy, VP8Io *io) {
  if (!VP8GetHeaders(lossy->decoder, io) || !canvas_fits(lossy->canvas, io->width, io->height)) {
    return FRAME_DAMAGED;
  }
  if (!open_rows(lossy, io->width)) {
    return FRAME_NO_MEMORY;
  }
  if (VP8Decode(lossy->decoder, io)) {
    return FRAME_COMPLETE;
  }
  return VP8Status(lossy->decoder) == VP8_STATUS_OUT_OF_MEMORY ? FRAME_NO_MEMORY : FRAME_DAMAGED;
}

FrameEnd decode_lossy(Canvas *canvas, Bytes frame, Bytes alpha, int *height) {
  Lossy lossy = {.canvas = canvas, .decoder = VP8New(), .alpha = alpha};
  VP8Io io;
  if (lossy.decoder == NULL || !VP8InitIo(&io)) {
    VP8Delete(lossy.decoder);
    return FRAME_NO_MEMORY;
  }
  use_simd_deblocking();
  io.data = frame.start;
  io.data_size = frame.length;
  io.opaque = &lossy;
  io.put = put;
  FrameEnd end = run(&lossy, &io);
  *height = io.height;
  free_rows(&lossy);
  VP8Delete(lossy.decoder);
  return end;
}
