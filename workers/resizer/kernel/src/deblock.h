/* Lossy WebP's smoothing across the edges of blocks (RFC 6386 §15.3) by SIMD, in place of libwebp's plain C. */
#ifndef DEBLOCK_H
#define DEBLOCK_H

/* Once is enough: libwebp keeps its functions for all files. */
void use_simd_deblocking(void);

#endif
