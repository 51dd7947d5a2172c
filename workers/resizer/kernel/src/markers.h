/* What stands around the scan of a JPEG file. */
#ifndef MARKERS_H
#define MARKERS_H

#include "entropy.h"
#include "quant.h"

/* More than the tables can ever take: four of codes with up to 256 symbols each are the largest. */
#define HEAD_BYTES_MAX 2048
#define TAIL_BYTES 2

/*
 * Writes everything up to the scan of a baseline file with three components at 4:2:0: JFIF's segment and no other
 * metadata, the tables, the frame, the scan's header. HEAD_BYTES_MAX bytes must be reserved.
 */
void write_head(Output *output, int width, int height, const Quantizer quantizers[2], const Codes codes[2]);

/* Ends the image. TAIL_BYTES must be reserved. */
void write_tail(Output *output);

#endif
