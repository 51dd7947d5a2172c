/* Lossless WebP (VP8L, RFC 9649), row by row onto a canvas. The decoder itself holds the whole picture. */
#ifndef LOSSLESS_H
#define LOSSLESS_H

#include "canvas.h"
#include "frame.h"

/* Decodes onto the open canvas. Nothing is held afterwards. */
FrameEnd decode_lossless(Canvas *canvas, Bytes frame, int *height);

#endif
