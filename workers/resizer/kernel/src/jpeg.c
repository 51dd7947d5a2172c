/* JPEG, scaled while it is decoded and then resampled row by row. One picture at a time. */
#include <stdlib.h>
#include <string.h>

#include "cmyk.h"
#include "colour.h"
#include "errors.h"
#include "idct.h"
#include "memory.h"
#include "rows.h"
#include "scaler.h"
#include "source.h"

/* Encoders write up to about 20 scans. Each costs time over all pixels, and a small file can ask for thousands. */
#define MAX_SCANS 100

/* libjpeg scales by eighths in its inverse cosine transform. */
#define SCALE_DENOMINATOR 8

static struct jpeg_decompress_struct decoder;
static struct jpeg_error_mgr errors;
static struct jpeg_source_mgr source;
static struct jpeg_progress_mgr progress;
static bool is_open;

static void limit_scans(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number > MAX_SCANS) {
    info->err->error_exit(info);
  }
}

/* What libjpeg can turn into RGBA, or into CMYK for cmyk_to_rgba; JCS_UNKNOWN when neither. */
static J_COLOR_SPACE output_space(void) {
  switch (decoder.jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_RGB:
    case JCS_YCbCr:
      return JCS_EXT_RGBX;
    case JCS_CMYK:
    case JCS_YCCK:
      return JCS_CMYK;
    default:
      return JCS_UNKNOWN;
  }
}

/* Frees the decoder in whatever state it is; the number of warnings stays. */
EXPORT(jpeg_close)
void jpeg_close(void) {
  if (is_open) {
    jpeg_destroy_decompress(&decoder);
    is_open = false;
  }
}

/* Reads the header. 0 when the colours are of no known kind; traps when this is no JPEG. */
EXPORT(jpeg_open)
int jpeg_open(const uint8_t *bytes, size_t length) {
  jpeg_close();
  decoder.err = use_errors(&errors);
  jpeg_create_decompress(&decoder);
  is_open = true;
  progress.progress_monitor = limit_scans;
  decoder.progress = &progress;
  decoder.src = use_source(&source, bytes, length);
  if (jpeg_read_header(&decoder, TRUE) == JPEG_HEADER_OK && output_space() != JCS_UNKNOWN) {
    return 1;
  }
  jpeg_close();
  return 0;
}

EXPORT(jpeg_width)
int jpeg_width(void) {
  return is_open ? (int)decoder.image_width : 0;
}

EXPORT(jpeg_height)
int jpeg_height(void) {
  return is_open ? (int)decoder.image_height : 0;
}

EXPORT(jpeg_components)
int jpeg_components(void) {
  return is_open ? decoder.num_components : 0;
}

EXPORT(jpeg_progressive)
int jpeg_progressive(void) {
  return is_open && decoder.progressive_mode ? 1 : 0;
}

/* Damage that was worked around in the last picture. */
EXPORT(jpeg_warnings)
int jpeg_warnings(void) {
  return (int)errors.num_warnings;
}

static void read_rows(Scaler *scaler, uint8_t *row) {
  bool cmyk = decoder.out_color_space == JCS_CMYK;
  while (decoder.output_scanline < decoder.output_height) {
    JSAMPROW rows[] = {row};
    jpeg_read_scanlines(&decoder, rows, 1);
    if (cmyk) {
      cmyk_to_rgba(row, (int)decoder.output_width, decoder.saw_Adobe_marker);
    }
    scaler_take(scaler, row);
  }
}

/*
 * The part of the decoder's output that the picture fills. Its sizes are rounded up to whole samples, so the last row and
 * column may lie partly outside: taking them whole would stretch the picture by up to one sample.
 */
static Window picture_window(void) {
  double scale = (double)decoder.scale_num / decoder.scale_denom;
  Window window = {0, 0, decoder.image_width * scale, decoder.image_height * scale};
  return window;
}

/* Scales what the started decoder gives to a picture; NULL when memory is short. */
static uint8_t *scale_rows(int out_width, int out_height) {
  int width = (int)decoder.output_width;
  int height = (int)decoder.output_height;
  uint8_t *row = array_alloc((uint64_t)width + ROW_SLACK, CHANNELS, 0);
  Scaler scaler;
  ScalerPlan plan = {width, height, out_width, out_height, picture_window(), false};
  if (row == NULL || !scaler_start(&scaler, plan)) {
    free(row);
    return NULL;
  }
  read_rows(&scaler, row);
  free(row);
  return scaler_finish(&scaler);
}

/*
 * Decodes at numerator / 8 of the size and resamples to exactly out_width × out_height. Answers an RGBA picture for the
 * caller to release; 0 when nothing is open, an argument makes no sense or memory is short. The decoder is closed
 * afterwards in each case. Traps on what libjpeg cannot decode.
 */
EXPORT(jpeg_decode)
uint8_t *jpeg_decode(int numerator, int out_width, int out_height) {
  bool sensible = numerator >= 1 && numerator <= SCALE_DENOMINATOR && is_side(out_width) && is_side(out_height);
  if (!is_open || !sensible) {
    jpeg_close();
    return NULL;
  }
  decoder.scale_num = (unsigned)numerator;
  decoder.scale_denom = SCALE_DENOMINATOR;
  decoder.out_color_space = output_space();
  decoder.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&decoder);
  use_simd_idct(&decoder);
  use_simd_colour(&decoder);
  uint8_t *picture = scale_rows(out_width, out_height);
  jpeg_close();
  return picture;
}
