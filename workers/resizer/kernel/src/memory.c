#include "memory.h"

#include <stdlib.h>

/* One SIMD store of four pixels and one prefetching load may both start at the last pixel. */
#define PICTURE_SLACK 64

bool is_side(int side) {
  return side > 0 && side <= MAX_SIDE;
}

void *array_alloc(uint64_t count, size_t size, size_t slack) {
  /* A count is at most the product of two sides, 2^48, and a size at most 2^8. */
  uint64_t bytes = count * size + slack;
  if (bytes > SIZE_MAX / 2) {
    return NULL;
  }
  return malloc((size_t)bytes);
}

uint8_t *picture_alloc(int width, int height) {
  if (!is_side(width) || !is_side(height)) {
    return NULL;
  }
  return array_alloc((uint64_t)width * (uint64_t)height, CHANNELS, PICTURE_SLACK);
}

/* Room for that many bytes, or 0. */
EXPORT(alloc)
void *alloc(size_t bytes) {
  return array_alloc(bytes, 1, PICTURE_SLACK);
}

/* Takes back what alloc or any function that answers a picture has given. */
EXPORT(release)
void release(void *memory) {
  free(memory);
}
