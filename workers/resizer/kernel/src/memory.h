/* Memory whose every allocation may fail: callers get NULL and pass it on, nothing aborts. */
#ifndef MEMORY_H
#define MEMORY_H

#include "kernel.h"

/* Wider than any side that a file format can promise; keeps the sums of sizes inside 64 bits. */
#define MAX_SIDE (1 << 24)

/* True for 1 to MAX_SIDE. */
bool is_side(int side);

/* Room for count items of the given size plus slack bytes, or NULL when that is too much. */
void *array_alloc(uint64_t count, size_t size, size_t slack);

/* A picture with undefined pixels, or NULL. SIMD code may read and write a little behind its end. */
uint8_t *picture_alloc(int width, int height);

#endif
