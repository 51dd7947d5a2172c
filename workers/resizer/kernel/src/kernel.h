/* What every file of the kernel shares. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes a function callable from JavaScript under the given name. */
#define EXPORT(name) __attribute__((export_name(#name)))

/* Pictures are RGBA, one byte a channel, rows without gaps. */
#define CHANNELS 4

#endif
