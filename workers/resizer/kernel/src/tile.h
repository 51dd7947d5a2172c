/* Pixels in squares of 16 × 16, and their colours as a JPEG with halved chroma (4:2:0) has them. */
#ifndef TILE_H
#define TILE_H

#include "quant.h"

#define TILE_SIDE 16

typedef struct {
  const uint8_t *pixels;
  int width, height;
  bool alpha; /* some pixels may be transparent: they are laid onto white */
} Surface;

typedef struct {
  uint8_t luma[TILE_SIDE * TILE_SIDE];
  uint8_t blue[BLOCK_SIDE * BLOCK_SIDE]; /* Cb, each the mean of four pixels */
  uint8_t red[BLOCK_SIDE * BLOCK_SIDE];  /* Cr */
} Tile;

/* Converts the tile that begins at that pixel of the picture. Beyond the picture its last pixels go on. */
void tile_load(Tile *tile, const Surface *surface, int left, int top);

#endif
