#include "entropy.h"

#define END_OF_BLOCK 0x00
#define SIXTEEN_ZEROS 0xF0
#define RUN_MAX 15
#define LAST (BLOCK - 1)
/* The longest values of 8-bit pictures, in bits (T.81, tables F.1 and F.2). */
#define DC_SIZE_MAX 11
#define AC_SIZE_MAX 10
#define ALL_BUT_FIRST (~UINT64_C(1))

/* Bits of a value without its sign; 0 has none. */
static inline int size_of(int value) {
  unsigned magnitude = value < 0 ? -(unsigned)value : (unsigned)value;
  return magnitude == 0 ? 0 : 32 - __builtin_clz(magnitude);
}

/* A run of zeros and the size of the value that ends it. */
static inline int ac_symbol(int zeros, int size) {
  return zeros << 4 | size;
}

void count_block(Counts *counts, const Block *block, int dc_before) {
  counts->dc[size_of(block->values[0] - dc_before)]++;
  int before = 0;
  for (uint64_t rest = block->nonzero & ALL_BUT_FIRST; rest != 0; rest &= rest - 1) {
    int at = __builtin_ctzll(rest);
    int zeros = at - before - 1;
    for (; zeros > RUN_MAX; zeros -= RUN_MAX + 1) {
      counts->ac[SIXTEEN_ZEROS]++;
    }
    counts->ac[ac_symbol(zeros, size_of(block->values[at]))]++;
    before = at;
  }
  if (before != LAST) {
    counts->ac[END_OF_BLOCK]++;
  }
}

static void estimate(uint32_t *count, uint32_t share) {
  *count = *count * share + 1;
}

void extrapolate(Counts *counts, uint32_t share) {
  for (int size = 0; size <= DC_SIZE_MAX; size++) {
    estimate(&counts->dc[size], share);
  }
  estimate(&counts->ac[END_OF_BLOCK], share);
  estimate(&counts->ac[SIXTEEN_ZEROS], share);
  for (int zeros = 0; zeros <= RUN_MAX; zeros++) {
    for (int size = 1; size <= AC_SIZE_MAX; size++) {
      estimate(&counts->ac[ac_symbol(zeros, size)], share);
    }
  }
}

static inline void put_symbol(BitWriter *writer, const Huffman *huffman, int symbol) {
  put_bits(writer, huffman->codes[symbol], huffman->lengths[symbol]);
}

/* The symbol and, behind it, the value; a negative one less 1, so that its first bit is 0. */
static inline void put_value(BitWriter *writer, const Huffman *huffman, int symbol, int value, int size) {
  uint32_t bits = (uint32_t)(value + (value >> 31)) & ((1u << size) - 1);
  put_bits(writer, (uint32_t)huffman->codes[symbol] << size | bits, huffman->lengths[symbol] + size);
}

void write_block(BitWriter *shared, const Codes *codes, const Block *block, int dc_before) {
  /* A copy stays in registers, where the shared one would be written back after every byte. */
  BitWriter writer = *shared;
  int difference = block->values[0] - dc_before;
  int dc_size = size_of(difference);
  put_value(&writer, &codes->dc, dc_size, difference, dc_size);
  int before = 0;
  for (uint64_t rest = block->nonzero & ALL_BUT_FIRST; rest != 0; rest &= rest - 1) {
    int at = __builtin_ctzll(rest);
    int zeros = at - before - 1;
    for (; zeros > RUN_MAX; zeros -= RUN_MAX + 1) {
      put_symbol(&writer, &codes->ac, SIXTEEN_ZEROS);
    }
    int value = block->values[at];
    int size = size_of(value);
    put_value(&writer, &codes->ac, ac_symbol(zeros, size), value, size);
    before = at;
  }
  if (before != LAST) {
    put_symbol(&writer, &codes->ac, END_OF_BLOCK);
  }
  *shared = writer;
}
