/* libwebp names these for scaling and for colour orders that are never asked for; leaving them out keeps the kernel small. */
#include "src/dec/webpi_dec.h"
#include "src/dsp/dsp.h"
#include "src/utils/rescaler_utils.h"

/* Would set where rows go. It is called for an alpha plane alone, whose rows stay where they are. */
void WebPInitCustomIo(WebPDecParams *params, VP8Io *io) {
  (void)params;
  (void)io;
}

void (*WebPConvertARGBToY)(const uint32_t *argb, uint8_t *y, int width);
void (*WebPConvertARGBToUV)(const uint32_t *argb, uint8_t *u, uint8_t *v, int width, int do_store);

void WebPInitConvertARGBToYUV(void) {
  __builtin_trap();
}

void WebPRescalerImportRow(WebPRescaler *scaler, const uint8_t *row) {
  (void)scaler;
  (void)row;
  __builtin_trap();
}

void WebPRescalerExportRow(WebPRescaler *scaler) {
  (void)scaler;
  __builtin_trap();
}
