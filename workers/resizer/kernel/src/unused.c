/* libjpeg names these for colour-mapped output, which is never asked for; leaving them out keeps the kernel small. */
#include <stddef.h>
#include <stdio.h>

#define JPEG_INTERNALS
#include "jpeglib.h"

void jinit_1pass_quantizer(j_decompress_ptr info) {
  (void)info;
  __builtin_trap();
}

void jinit_2pass_quantizer(j_decompress_ptr info) {
  (void)info;
  __builtin_trap();
}
