#include "output.h"

#include <stdlib.h>

#include "memory.h"

#define FULL_BYTE 0xFF

bool output_open(Output *output, size_t room) {
  output->bytes = array_alloc(room, 1, 0);
  output->length = 0;
  output->room = room;
  return output->bytes != NULL;
}

bool output_reserve(Output *output, size_t more) {
  if (output->room - output->length >= more) {
    return true;
  }
  /* By half: doubling would leave more memory unused, and moving the bytes is rare either way. */
  uint64_t room = (uint64_t)output->room + output->room / 2 + more;
  if (room > SIZE_MAX / 2) {
    return false;
  }
  uint8_t *bytes = realloc(output->bytes, (size_t)room);
  if (bytes == NULL) {
    return false;
  }
  output->bytes = bytes;
  output->room = (size_t)room;
  return true;
}

void output_put(Output *output, const uint8_t *bytes, size_t count) {
  memcpy(output->bytes + output->length, bytes, count);
  output->length += count;
}

static uint8_t *put_byte(uint8_t *next, uint8_t byte) {
  *next++ = byte;
  if (byte == FULL_BYTE) {
    *next++ = 0;
  }
  return next;
}

uint8_t *put_stuffed(uint8_t *next, uint32_t word) {
  for (int shift = WORD_BITS - 8; shift >= 0; shift -= 8) {
    next = put_byte(next, (uint8_t)(word >> shift));
  }
  return next;
}

void flush_bits(BitWriter *writer) {
  int missing = (8 - writer->count % 8) % 8;
  put_bits(writer, (1u << missing) - 1, missing);
  for (int shift = writer->count - 8; shift >= 0; shift -= 8) {
    writer->next = put_byte(writer->next, (uint8_t)(writer->bits >> shift));
  }
  writer->count = 0;
}
