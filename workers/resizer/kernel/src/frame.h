/* What WebP's two decoders take and answer. */
#ifndef FRAME_H
#define FRAME_H

#include "kernel.h"

typedef struct {
  const uint8_t *start;
  size_t length;
} Bytes;

/* How decoding a frame ended; JavaScript knows these numbers. */
typedef enum {
  FRAME_DAMAGED = 0,
  FRAME_COMPLETE = 1,
  FRAME_NO_MEMORY = 2,
} FrameEnd;

#endif
