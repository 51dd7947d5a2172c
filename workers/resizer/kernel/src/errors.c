#include "errors.h"

#include <string.h>

/*
 * libjpeg must not be returned to after an error. Without setjmp, which WebAssembly lacks, the way out is a trap: the
 * caller sees an exception and drops the whole instance with all that libjpeg held.
 */
static void trap_on_error(j_common_ptr info) {
  (void)info;
  __builtin_trap();
}

/* Levels below 0 are damage that libjpeg works around, the others are traces. */
static void count_warning(j_common_ptr info, int level) {
  if (level < 0) {
    info->err->num_warnings++;
  }
}

static void say_nothing(j_common_ptr info) {
  (void)info;
}

static void format_nothing(j_common_ptr info, char *buffer) {
  (void)info;
  buffer[0] = '\0';
}

static void reset(j_common_ptr info) {
  info->err->num_warnings = 0;
  info->err->msg_code = 0;
}

struct jpeg_error_mgr *use_errors(struct jpeg_error_mgr *errors) {
  memset(errors, 0, sizeof *errors);
  errors->error_exit = trap_on_error;
  errors->emit_message = count_warning;
  errors->output_message = say_nothing;
  errors->format_message = format_nothing;
  errors->reset_error_mgr = reset;
  return errors;
}
