/*
 * libjpeg names these for what is never asked for: palettes, upsampling that is merged with colour conversion, and the
 * less accurate inverse transforms. Leaving them out keeps the kernel small.
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

void jpeg_idct_ifast(j_decompress_ptr info, jpeg_component_info *component, JCOEFPTR coefficients, JSAMPARRAY output,
                     JDIMENSION column) {
  (void)info, (void)component, (void)coefficients, (void)output, (void)column;
  __builtin_trap();
}

void jpeg_idct_float(j_decompress_ptr info, jpeg_component_info *component, JCOEFPTR coefficients, JSAMPARRAY output,
                     JDIMENSION column) {
  (void)info, (void)component, (void)coefficients, (void)output, (void)column;
  __builtin_trap();
}
