/*
 * libwebp 1.2.1 filled a lookup table before it knew that the code in the file is a complete one, and what a wrong code
 * fills can be longer than the table (CVE-2023-4863). The linker leads the calls here: as libwebp itself does since
 * 1.3.2, the code is gone through first without a table, and only a sound one is let near it. The tables are as large as
 * the largest that any sound code of their alphabet needs.
 */
#include "src/utils/huffman_utils.h"

int __real_VP8LBuildHuffmanTable(HuffmanCode *table, int root_bits, const int lengths[], int count);

int __wrap_VP8LBuildHuffmanTable(HuffmanCode *table, int root_bits, const int lengths[], int count) {
  int is_sound = __real_VP8LBuildHuffmanTable(NULL, root_bits, lengths, count) != 0;
  if (!is_sound || table == NULL) {
    return is_sound;
  }
  return __real_VP8LBuildHuffmanTable(table, root_bits, lengths, count);
}
