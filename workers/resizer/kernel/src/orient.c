/* Stands a picture upright as its EXIF orientation asks. */
#include <stdlib.h>

#include "memory.h"

/* Square tiles keep both the row that is read and the column that is written in the cache. */
#define TILE 16

/* Where pixel (0, 0) goes, and how far one step to the right and one step down move in the result, in pixels. */
typedef struct {
  int origin, right, down;
} Turn;

/* EXIF 2.32, tag 274: 1 upright, 2 mirrored, 3 upside down, 4 both, 5 to 8 the same lying on the side. */
static Turn turn_of(int orientation, int width, int height) {
  int last = width * height - 1;
  switch (orientation) {
    case 2:
      return (Turn){width - 1, -1, width};
    case 3:
      return (Turn){last, -1, -width};
    case 4:
      return (Turn){width * (height - 1), 1, -width};
    case 5:
      return (Turn){0, height, 1};
    case 6:
      return (Turn){height - 1, height, -1};
    case 7:
      return (Turn){last, -height, -1};
    case 8:
      return (Turn){height * (width - 1), -height, 1};
    default:
      return (Turn){0, 1, width};
  }
}

static int least(int a, int b) {
  return a < b ? a : b;
}

static void turn_tile(const uint32_t *from, uint32_t *to, Turn turn, int width, int height, int left, int top) {
  int right = least(left + TILE, width);
  int bottom = least(top + TILE, height);
  for (int y = top; y < bottom; y++) {
    for (int x = left; x < right; x++) {
      to[turn.origin + x * turn.right + y * turn.down] = from[y * width + x];
    }
  }
}

/*
 * Answers the upright picture, height × width for orientations 5 to 8, and releases the input. An orientation that asks
 * for nothing answers the input itself. 0 when memory is short: then the input stays.
 */
EXPORT(orient)
uint8_t *orient(uint8_t *pixels, int width, int height, int orientation) {
  if (orientation <= 1 || orientation > 8) {
    return pixels;
  }
  uint8_t *turned = picture_alloc(width, height);
  if (turned == NULL) {
    return NULL;
  }
  Turn turn = turn_of(orientation, width, height);
  for (int top = 0; top < height; top += TILE) {
    for (int left = 0; left < width; left += TILE) {
      turn_tile((const uint32_t *)pixels, (uint32_t *)turned, turn, width, height, left, top);
    }
  }
  free(pixels);
  return turned;
}
