/* YCbCr to RGBA by SIMD, in place of libjpeg's tables. */
#ifndef COLOUR_H
#define COLOUR_H

#include <stddef.h>
#include <stdio.h>

#include "jpeglib.h"

/* Call between jpeg_start_decompress and the first row. Other colour spaces keep libjpeg's way. */
void use_simd_colour(j_decompress_ptr info);

#endif
