/* The shortest Huffman codes for given frequencies, as JPEG wants them. */
#ifndef CODES_H
#define CODES_H

#include "kernel.h"

#define SYMBOLS 256
#define CODE_BITS_MAX 16

typedef struct {
  uint8_t per_length[CODE_BITS_MAX]; /* how many codes have 1, 2, … 16 bits */
  uint8_t symbols[SYMBOLS];          /* those that have a code, by its length, then by their own value */
  int symbol_count;
  uint16_t codes[SYMBOLS]; /* by symbol */
  uint8_t lengths[SYMBOLS];
} Huffman;

/* Makes the codes of all symbols whose count is not 0; at least one must be. The counts may add up to 2^31. */
void huffman_make(Huffman *huffman, const uint32_t counts[SYMBOLS]);

#endif
