/* Lossy WebP (VP8, RFC 6386), row by row onto a canvas. */
#ifndef LOSSY_H
#define LOSSY_H

#include "canvas.h"
#include "frame.h"

/* Decodes onto the open canvas; alpha is empty where all is opaque. Nothing is held afterwards. */
FrameEnd decode_lossy(Canvas *canvas, Bytes frame, Bytes alpha, int *height);

#endif
