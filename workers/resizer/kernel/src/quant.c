#include "quant.h"

/* The steps of Annex K.1 are those of this quality. */
#define MIDDLE_QUALITY 50
#define STEP_MAX 255

const uint8_t zigzag_places[BLOCK] = {
    0,  2,  3,  9,  10, 20, 21, 35, /* horizontal frequency 0 */
    1,  4,  8,  11, 19, 22, 34, 36, /* 1 */
    5,  7,  12, 18, 23, 33, 37, 48, /* … */
    6,  13, 17, 24, 32, 38, 47, 49,
    14, 16, 25, 31, 39, 46, 50, 57,
    15, 26, 30, 40, 45, 51, 56, 58,
    27, 29, 41, 44, 52, 55, 59, 62,
    28, 42, 43, 53, 54, 60, 61, 63,
};

/* By vertical, then by horizontal frequency, as the standard prints them. */
static const uint8_t middle_steps[][BLOCK] = {
    [LUMA] =
        {
            16, 11, 10, 16, 24,  40,  51,  61,
            12, 12, 14, 19, 26,  58,  60,  55,
            14, 13, 16, 24, 40,  57,  69,  56,
            14, 17, 22, 29, 51,  87,  80,  62,
            18, 22, 37, 56, 68,  109, 103, 77,
            24, 35, 55, 64, 81,  104, 113, 92,
            49, 64, 78, 87, 103, 121, 120, 101,
            72, 92, 95, 98, 112, 100, 103, 99,
        },
    [CHROMA] =
        {
            17, 18, 24, 47, 99, 99, 99, 99,
            18, 21, 26, 66, 99, 99, 99, 99,
            24, 26, 56, 99, 99, 99, 99, 99,
            47, 66, 99, 99, 99, 99, 99, 99,
            99, 99, 99, 99, 99, 99, 99, 99,
            99, 99, 99, 99, 99, 99, 99, 99,
            99, 99, 99, 99, 99, 99, 99, 99,
            99, 99, 99, 99, 99, 99, 99, 99,
        },
};

/* libjpeg's jpeg_quality_scaling: per cent of the middle step. */
static int scale_of(int quality) {
  return quality < MIDDLE_QUALITY ? 5000 / quality : 200 - 2 * quality;
}

static int step_of(int middle, int scale) {
  int step = (middle * scale + 50) / 100;
  if (step < 1) {
    return 1;
  }
  return step > STEP_MAX ? STEP_MAX : step;
}

void quantizer_make(Quantizer *quantizer, Plane plane, int quality) {
  int scale = scale_of(quality);
  for (int across = 0; across < BLOCK_SIDE; across++) {
    for (int down = 0; down < BLOCK_SIDE; down++) {
      int at = across * BLOCK_SIDE + down;
      int step = step_of(middle_steps[plane][down * BLOCK_SIDE + across], scale);
      quantizer->steps[zigzag_places[at]] = (uint8_t)step;
      quantizer->factors[at] = 1.0f / (float)step;
    }
  }
}
