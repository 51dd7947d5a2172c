#include "cmyk.h"

#define FULL 255

/* Light that two layers let through, each from 0 to 255. */
static uint8_t through(int first, int second) {
  return (uint8_t)((first * second + FULL / 2) / FULL);
}

void cmyk_to_rgba(uint8_t *row, int count, bool inverted) {
  int flip = inverted ? 0 : FULL;
  for (int x = 0; x < count; x++) {
    uint8_t *pixel = row + (size_t)x * CHANNELS;
    int black = pixel[3] ^ flip;
    pixel[0] = through(pixel[0] ^ flip, black);
    pixel[1] = through(pixel[1] ^ flip, black);
    pixel[2] = through(pixel[2] ^ flip, black);
    pixel[3] = FULL;
  }
}
