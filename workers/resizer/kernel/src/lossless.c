#include "lossless.h"

#include <wasm_simd128.h>

#include "src/dec/vp8li_dec.h"
#include "src/dec/webpi_dec.h"

/* Where the rows of the picture at hand go; one is decoded at a time. */
static Canvas *target;

/*
 * libwebp calls VP8LConvertFromBGRA once for each finished row, to write it into a picture. The linker leads those calls
 * here instead: the row goes onto the canvas, and no second whole picture is needed.
 */
void __wrap_VP8LConvertFromBGRA(const uint32_t *row, int count, WEBP_CSP_MODE colours, uint8_t *pixels) {
  (void)colours;
  int x = 0;
  for (; x + 4 <= count; x += 4) {
    v128_t bgra = wasm_v128_load(row + x);
    v128_t rgba = wasm_i8x16_shuffle(bgra, bgra, 2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15);
    wasm_v128_store(pixels + (size_t)x * CHANNELS, rgba);
  }
  for (; x < count; x++) {
    uint8_t *pixel = pixels + (size_t)x * CHANNELS;
    pixel[0] = (uint8_t)(row[x] >> 16);
    pixel[1] = (uint8_t)(row[x] >> 8);
    pixel[2] = (uint8_t)row[x];
    pixel[3] = (uint8_t)(row[x] >> 24);
  }
  canvas_take(target);
}

static FrameEnd run(VP8LDecoder *decoder, VP8Io *io, Canvas *canvas) {
  if (!VP8LDecodeHeader(decoder, io) || !canvas_fits(canvas, io->width, io->height)) {
    return FRAME_DAMAGED;
  }
  /* Rows without a distance between them: each is taken from the same place before the next is written there. */
  WebPDecBuffer rows = {.colorspace = MODE_RGBA, .width = io->width, .height = io->height};
  rows.u.RGBA.rgba = canvas_row(canvas);
  WebPDecParams params = {.output = &rows};
  io->opaque = &params;
  target = canvas;
  return VP8LDecodeImage(decoder) ? FRAME_COMPLETE : FRAME_DAMAGED;
}

FrameEnd decode_lossless(Canvas *canvas, Bytes frame, int *height) {
  VP8LDecoder *decoder = VP8LNew();
  VP8Io io;
  if (decoder == NULL || !VP8InitIo(&io)) {
    VP8LDelete(decoder);
    return FRAME_NO_MEMORY;
  }
  io.data = frame.start;
  io.data_size = frame.length;
  FrameEnd end = run(decoder, &io, canvas);
  if (end == FRAME_DAMAGED && decoder->status_ == VP8_STATUS_OUT_OF_MEMORY) {
    end = FRAME_NO_MEMORY;
  }
  *height = io.height;
  VP8LDelete(decoder);
  return end;
}
