/* How libjpeg reports: warnings are counted, an error is the end of this instance. */
#ifndef ERRORS_H
#define ERRORS_H

#include <stddef.h>
#include <stdio.h>

#include "jpeglib.h"

/* Sets the manager up and answers it. */
struct jpeg_error_mgr *use_errors(struct jpeg_error_mgr *errors);

#endif
