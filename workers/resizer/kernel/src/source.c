#include "source.h"

#include "jerror.h"

static const JOCTET end_of_image[] = {0xFF, JPEG_EOI};

static void do_nothing(j_decompress_ptr info) {
  (void)info;
}

/* A file that was cut off ends here; what is missing stays grey and one warning is counted. */
static boolean end_the_image(j_decompress_ptr info) {
  WARNMS(info, JWRN_JPEG_EOF);
  info->src->next_input_byte = end_of_image;
  info->src->bytes_in_buffer = sizeof end_of_image;
  return TRUE;
}

static void skip(j_decompress_ptr info, long count) {
  if (count <= 0) {
    return;
  }
  if ((size_t)count > info->src->bytes_in_buffer) {
    end_the_image(info);
    return;
  }
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= (size_t)count;
}

struct jpeg_source_mgr *use_source(struct jpeg_source_mgr *source, const JOCTET *bytes, size_t length) {
  source->init_source = do_nothing;
  source->fill_input_buffer = end_the_image;
  source->skip_input_data = skip;
  source->resync_to_restart = jpeg_resync_to_restart;
  source->term_source = do_nothing;
  source->next_input_byte = bytes;
  source->bytes_in_buffer = length;
  return source;
}
