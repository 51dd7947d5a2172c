/* A file in the making: bytes that grow as they come, and bits on their way into them. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "kernel.h"

#include <string.h>

typedef struct {
  uint8_t *bytes;
  size_t length, room;
} Output;

/* False when memory is short. */
bool output_open(Output *output, size_t room);

/* Makes sure that so many bytes more fit; false, with everything as it was, when memory is short. */
bool output_reserve(Output *output, size_t more);

/* Appends what has been reserved. */
void output_put(Output *output, const uint8_t *bytes, size_t count);

/* The bits of a scan: the first bit is a byte's highest, and a byte 0xFF is followed by a 0 (ITU-T T.81, F.1.2.3). */
typedef struct {
  uint8_t *next; /* where the next byte goes; the caller has reserved enough */
  uint64_t bits; /* the lowest count of them are still to be written, what lies above is spent */
  int count;     /* less than WORD_BITS between two calls */
} BitWriter;

#define WORD_BITS 32

/* Writes a word with zeros stuffed in; answers where the next byte goes. */
uint8_t *put_stuffed(uint8_t *next, uint32_t word);

static inline void put_word(BitWriter *writer) {
  writer->count -= WORD_BITS;
  uint32_t word = (uint32_t)(writer->bits >> writer->count);
  /* Taking 1 from each byte of the complement borrows at its top bit only where the byte of the word is 0xFF. */
  bool has_full_byte = ((~word - 0x01010101u) & word & 0x80808080u) != 0;
  if (has_full_byte) {
    writer->next = put_stuffed(writer->next, word);
    return;
  }
  uint32_t in_order = __builtin_bswap32(word);
  memcpy(writer->next, &in_order, sizeof in_order);
  writer->next += sizeof in_order;
}

/* Appends the lowest length bits, of at most WORD_BITS; the bits above them must be 0. */
static inline void put_bits(BitWriter *writer, uint32_t bits, int length) {
  writer->bits = writer->bits << length | bits;
  writer->count += length;
  if (writer->count >= WORD_BITS) {
    put_word(writer);
  }
}

/* Fills the last byte up with ones and writes what is left. */
void flush_bits(BitWriter *writer);

#endif
