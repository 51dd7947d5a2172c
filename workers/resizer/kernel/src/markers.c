#include "markers.h"

/* ITU-T T.81, table B.1. */
enum { SOF0 = 0xC0, DHT = 0xC4, SOI = 0xD8, EOI = 0xD9, SOS = 0xDA, DQT = 0xDB, APP0 = 0xE0 };

#define LENGTH_BYTES 2
#define DC_TABLE 0x00
#define AC_TABLE 0x10

static void put_byte(Output *output, int byte) {
  uint8_t bytes[] = {(uint8_t)byte};
  output_put(output, bytes, sizeof bytes);
}

static void put_marker(Output *output, int marker) {
  put_byte(output, 0xFF);
  put_byte(output, marker);
}

static void put_number(Output *output, int number) {
  put_byte(output, number >> 8);
  put_byte(output, number & 0xFF);
}

static void open_segment(Output *output, int marker, int bytes) {
  put_marker(output, marker);
  put_number(output, LENGTH_BYTES + bytes);
}

/* JFIF 1.01; the pixels are square and of no known size. */
static void put_jfif(Output *output) {
  static const uint8_t jfif[] = {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  open_segment(output, APP0, sizeof jfif);
  output_put(output, jfif, sizeof jfif);
}

static void put_steps(Output *output, const Quantizer *quantizer, int table) {
  open_segment(output, DQT, 1 + BLOCK);
  put_byte(output, table);
  output_put(output, quantizer->steps, BLOCK);
}

static void put_frame(Output *output, int width, int height) {
  /* Number, samples across and down, quantization table: luma has twice the samples of the others each way. */
  static const uint8_t components[] = {3, 1, 0x22, LUMA, 2, 0x11, CHROMA, 3, 0x11, CHROMA};
  open_segment(output, SOF0, 5 + sizeof components);
  put_byte(output, 8);
  put_number(output, height);
  put_number(output, width);
  output_put(output, components, sizeof components);
}

static void put_codes(Output *output, const Huffman *huffman, int table) {
  open_segment(output, DHT, 1 + CODE_BITS_MAX + huffman->symbol_count);
  put_byte(output, table);
  output_put(output, huffman->per_length, CODE_BITS_MAX);
  output_put(output, huffman->symbols, (size_t)huffman->symbol_count);
}

static void put_scan(Output *output) {
  /* The tables of codes of each component, then: all 64 values, at full precision. */
  static const uint8_t scan[] = {3, 1, LUMA << 4 | LUMA, 2, CHROMA << 4 | CHROMA, 3, CHROMA << 4 | CHROMA, 0, 63, 0};
  open_segment(output, SOS, sizeof scan);
  output_put(output, scan, sizeof scan);
}

void write_head(Output *output, int width, int height, const Quantizer quantizers[2], const Codes codes[2]) {
  put_marker(output, SOI);
  put_jfif(output);
  for (int plane = LUMA; plane <= CHROMA; plane++) {
    put_steps(output, &quantizers[plane], plane);
  }
  put_frame(output, width, height);
  for (int plane = LUMA; plane <= CHROMA; plane++) {
    put_codes(output, &codes[plane].dc, DC_TABLE | plane);
    put_codes(output, &codes[plane].ac, AC_TABLE | plane);
  }
  put_scan(output);
}

void write_tail(Output *output) {
  put_marker(output, EOI);
}
