/*
 * A picture as a baseline JPEG, tile by tile: each is converted, transformed and written before the next is looked at,
 * so nothing is held but the file. The codes that suit the picture are found beforehand, from a sample of its tiles.
 */
#include <stdlib.h>
#include <string.h>

#include "entropy.h"
#include "markers.h"
#include "memory.h"
#include "tile.h"

/* A JPEG has 16 bits for a side. */
#define JPEG_SIDE_MAX 65535
#define QUALITY_MAX 100

/* Four of luma, one of each chroma. */
#define TILE_BLOCKS 6
#define LUMA_BLOCKS 4
#define COMPONENTS 3
static const Plane block_planes[TILE_BLOCKS] = {LUMA, LUMA, LUMA, LUMA, CHROMA, CHROMA};
static const int block_components[TILE_BLOCKS] = {0, 0, 0, 0, 1, 2};

/*
 * Up to so many tiles all are looked at for their codes. Of more, one run of neighbours in each period is: the files
 * grow by some thousandths, and a whole pass over the picture, or its coefficients in memory, is spared. The period is
 * a prime number, so that the runs are not always in the same columns.
 */
#define SAMPLE_ALL_MAX 1024
#define SAMPLE_RUN 8
#define SAMPLE_PERIOD 61

typedef struct {
  Surface surface;
  int across, down; /* tiles */
  Quantizer quantizers[2];
  Codes codes[2];
  Counts counts[2];
  Block blocks[TILE_BLOCKS]; /* of the tile at hand */
  int dc_before[COMPONENTS];
  Output output;
} Encoder;

/* Too large for the stack. */
static Encoder encoder;
static size_t encoded_bytes;

/* A block beyond the picture is never seen: it repeats the mean of the one before, which takes fewest bits. */
static void fill_unseen(Block *block, const Block *before) {
  block->values[0] = before->values[0];
  block->nonzero = 0;
}

/* Of the four blocks the first always shows something. */
static void transform_luma(const Tile *tile, int left, int top) {
  for (int i = 0; i < LUMA_BLOCKS; i++) {
    Block *block = &encoder.blocks[i];
    int x = i % 2 * BLOCK_SIDE;
    int y = i / 2 * BLOCK_SIDE;
    if (left + x >= encoder.surface.width || top + y >= encoder.surface.height) {
      fill_unseen(block, block - 1);
    } else {
      transform_block(tile->luma + y * TILE_SIDE + x, TILE_SIDE, &encoder.quantizers[LUMA], block);
    }
  }
}

static void transform_tile(int tile_number) {
  Tile tile;
  int left = tile_number % encoder.across * TILE_SIDE;
  int top = tile_number / encoder.across * TILE_SIDE;
  tile_load(&tile, &encoder.surface, left, top);
  transform_luma(&tile, left, top);
  transform_block(tile.blue, BLOCK_SIDE, &encoder.quantizers[CHROMA], &encoder.blocks[LUMA_BLOCKS]);
  transform_block(tile.red, BLOCK_SIDE, &encoder.quantizers[CHROMA], &encoder.blocks[LUMA_BLOCKS + 1]);
}

/* Answers the first value of the block before of the same component, and keeps this one's for the next. */
static int next_dc(int block) {
  int *kept = &encoder.dc_before[block_components[block]];
  int before = *kept;
  *kept = encoder.blocks[block].values[0];
  return before;
}

static void count_tile(void) {
  for (int i = 0; i < TILE_BLOCKS; i++) {
    count_block(&encoder.counts[block_planes[i]], &encoder.blocks[i], next_dc(i));
  }
}

static void write_tile(BitWriter *writer) {
  for (int i = 0; i < TILE_BLOCKS; i++) {
    write_block(writer, &encoder.codes[block_planes[i]], &encoder.blocks[i], next_dc(i));
  }
}

/* The difference at the start of a run is to a tile further away: one of many, which does no harm. */
static void find_codes(void) {
  int tiles = encoder.across * encoder.down;
  bool all = tiles <= SAMPLE_ALL_MAX;
  for (int i = 0; i < tiles; i++) {
    if (all || i % SAMPLE_PERIOD < SAMPLE_RUN) {
      transform_tile(i);
      count_tile();
    }
  }
  for (int plane = LUMA; plane <= CHROMA; plane++) {
    if (!all) {
      extrapolate(&encoder.counts[plane], SAMPLE_PERIOD / SAMPLE_RUN);
    }
    huffman_make(&encoder.codes[plane].dc, encoder.counts[plane].dc);
    huffman_make(&encoder.codes[plane].ac, encoder.counts[plane].ac);
  }
}

static bool write_tiles(void) {
  Output *output = &encoder.output;
  BitWriter writer = {NULL, 0, 0};
  memset(encoder.dc_before, 0, sizeof encoder.dc_before);
  int tiles = encoder.across * encoder.down;
  for (int i = 0; i < tiles; i++) {
    /* Also for the tail, and for the word of bits that a tile may leave behind. */
    if (!output_reserve(output, TILE_BLOCKS * BLOCK_BYTES_MAX + 2 * sizeof writer.bits + TAIL_BYTES)) {
      return false;
    }
    transform_tile(i);
    writer.next = output->bytes + output->length;
    write_tile(&writer);
    output->length = (size_t)(writer.next - output->bytes);
  }
  writer.next = output->bytes + output->length;
  flush_bits(&writer);
  output->length = (size_t)(writer.next - output->bytes);
  return true;
}

static bool write_file(void) {
  const Surface *surface = &encoder.surface;
  /* Photos at usual qualities take less than a bit and a half for each pixel. */
  size_t guess = (size_t)surface->width * (size_t)surface->height / 5;
  if (!output_open(&encoder.output, HEAD_BYTES_MAX + guess)) {
    return false;
  }
  write_head(&encoder.output, surface->width, surface->height, encoder.quantizers, encoder.codes);
  if (!write_tiles()) {
    return false;
  }
  write_tail(&encoder.output);
  return true;
}

/*
 * Answers a JPEG file of the picture, 4:2:0, at a quality from 1 to 100 as libjpeg counts them, for the caller to
 * release; 0 when an argument makes no sense or memory is short. The picture stays. With alpha it is laid onto white.
 */
EXPORT(jpeg_encode)
uint8_t *jpeg_encode(const uint8_t *pixels, int width, int height, int alpha, int quality) {
  encoded_bytes = 0;
  bool fits = width > 0 && width <= JPEG_SIDE_MAX && height > 0 && height <= JPEG_SIDE_MAX;
  if (!fits || quality < 1 || quality > QUALITY_MAX) {
    return NULL;
  }
  memset(&encoder, 0, sizeof encoder);
  encoder.surface = (Surface){pixels, width, height, alpha != 0};
  encoder.across = (width + TILE_SIDE - 1) / TILE_SIDE;
  encoder.down = (height + TILE_SIDE - 1) / TILE_SIDE;
  open_fdct();
  quantizer_make(&encoder.quantizers[LUMA], LUMA, quality);
  quantizer_make(&encoder.quantizers[CHROMA], CHROMA, quality);
  find_codes();
  if (!write_file()) {
    free(encoder.output.bytes);
    return NULL;
  }
  encoded_bytes = encoder.output.length;
  return encoder.output.bytes;
}

/* The length of the last file that jpeg_encode gave; 0 when it gave none. */
EXPORT(jpeg_encoded_bytes)
size_t jpeg_encoded_bytes(void) {
  return encoded_bytes;
}
