/*
 * libjpeg names these for what is never asked for: palettes, upsampling that is merged with colour conversion, and most
 * of its own inverse transforms. Leaving them out keeps the kernel small.
 */
#include <stddef.h>
#include <stdio.h>

#define JPEG_INTERNALS
#include "jpeglib.h"

#include "jdct.h"

void jinit_1pass_quantizer(j_decompress_ptr info) {
  (void)info;
  __builtin_trap();
}

void jinit_2pass_quantizer(j_decompress_ptr info) {
  (void)info;
  __builtin_trap();
}

void jinit_merged_upsampler(j_decompress_ptr info) {
  (void)info;
  __builtin_trap();
}

/* All sizes but 1 are replaced by use_simd_idct before the first block; those that it lacks never come up. */
#define UNUSED_TRANSFORM(name)                                                                        \
  void jpeg_idct_##name(j_decompress_ptr info, jpeg_component_info *component, JCOEFPTR coefficients, \
                        JSAMPARRAY output, JDIMENSION column) {                                       \
    (void)info, (void)component, (void)coefficients, (void)output, (void)column;                      \
    __builtin_trap();                                                                                 \
  }

UNUSED_TRANSFORM(islow)
UNUSED_TRANSFORM(ifast)
UNUSED_TRANSFORM(float)
UNUSED_TRANSFORM(3x3)
UNUSED_TRANSFORM(5x5)
UNUSED_TRANSFORM(6x6)
UNUSED_TRANSFORM(7x7)
UNUSED_TRANSFORM(9x9)
UNUSED_TRANSFORM(10x10)
UNUSED_TRANSFORM(11x11)
UNUSED_TRANSFORM(12x12)
UNUSED_TRANSFORM(13x13)
UNUSED_TRANSFORM(14x14)
UNUSED_TRANSFORM(15x15)
UNUSED_TRANSFORM(16x16)
