/* Inverse cosine transforms by SIMD, in place of libjpeg's scalar ones. */
#ifndef IDCT_H
#define IDCT_H

#include <stddef.h>
#include <stdio.h>

#include "jpeglib.h"

/* Call between jpeg_start_decompress and the first row. */
void use_simd_idct(j_decompress_ptr info);

#endif
