/* Feeds libjpeg from a file that lies in memory as a whole. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stddef.h>
#include <stdio.h>

#include "jpeglib.h"

/* Sets the source up over the bytes, which must stay until decoding ends, and answers it. */
struct jpeg_source_mgr *use_source(struct jpeg_source_mgr *source, const JOCTET *bytes, size_t length);

#endif
