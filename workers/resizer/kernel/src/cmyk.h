/* Print colours to screen colours. */
#ifndef CMYK_H
#define CMYK_H

#include "kernel.h"

/* Turns a row of CMYK pixels into RGBA in place. Inverted: 255 stands for no ink, as Adobe writes it. */
void cmyk_to_rgba(uint8_t *row, int count, bool inverted);

#endif
