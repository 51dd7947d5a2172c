/* Quantized blocks as a row of symbols (ITU-T T.81, F.1.2): counted to find the best codes, or written in them. */
#ifndef ENTROPY_H
#define ENTROPY_H

#include "fdct.h"
#include "codes.h"
#include "output.h"

typedef struct {
  uint32_t dc[SYMBOLS], ac[SYMBOLS];
} Counts;

typedef struct {
  Huffman dc, ac;
} Codes;

/* The most bytes that a block can take: 27 bits for each value, and every byte stuffed. */
#define BLOCK_BYTES_MAX (BLOCK * 27 / 8 * 2)

/* dc_before is the first value of the block before of the same component. */
void count_block(Counts *counts, const Block *block, int dc_before);

/*
 * Turns the counts of one block in share into an estimate for all of them, in which every symbol that can occur has a
 * count: blocks that were not looked at may hold any.
 */
void extrapolate(Counts *counts, uint32_t share);

/* BLOCK_BYTES_MAX bytes must be reserved. */
void write_block(BitWriter *writer, const Codes *codes, const Block *block, int dc_before);

#endif
