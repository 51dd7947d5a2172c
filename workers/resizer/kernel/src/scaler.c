#include "scaler.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rows.h"

Window whole_window(int width, int height) {
  Window window = {0, 0, width, height};
  return window;
}

static bool is_inside(double offset, double span, int count) {
  /* Written so that NaN fails. */
  return offset >= 0 && span > 0 && offset + span <= count;
}

static bool makes_sense(const ScalerPlan *plan) {
  return is_side(plan->in_width) && is_side(plan->in_height) && is_side(plan->out_width) &&
         is_side(plan->out_height) && is_inside(plan->window.x, plan->window.width, plan->in_width) &&
         is_inside(plan->window.y, plan->window.height, plan->in_height);
}

static bool is_copy(const ScalerPlan *plan) {
  return plan->in_width == plan->out_width && plan->in_height == plan->out_height &&
         plan->window.width == plan->in_width && plan->window.height == plan->in_height;
}

/* 16-bit numbers in one interleaved row pair; whole SIMD steps of four pixels. */
static size_t ring_stride(const Scaler *scaler) {
  return (size_t)((scaler->plan.out_width + 3) & ~3) * CHANNELS * 2;
}

static void free_rows(Scaler *scaler) {
  filter_close(&scaler->across);
  filter_close(&scaler->down);
  free(scaler->upper);
  free(scaler->lower);
  free(scaler->ring);
  free(scaler->ring_rows);
  free(scaler->wide);
}

static bool open_rows(Scaler *scaler) {
  const ScalerPlan *plan = &scaler->plan;
  const Window *window = &plan->window;
  if (!filter_open(&scaler->across, plan->in_width, window->x, window->width, plan->out_width) ||
      !filter_open(&scaler->down, plan->in_height, window->y, window->height, plan->out_height)) {
    return false;
  }
  /* The last output pixel reads all its taps, also those of weight 0 behind the end of the row. */
  uint64_t widened = (uint64_t)(scaler->across.end - scaler->across.first + scaler->across.taps + ROW_SLACK);
  uint64_t pairs = (uint64_t)scaler->down.taps / 2;
  scaler->upper = array_alloc(widened, CHANNELS * sizeof(int16_t), 0);
  scaler->lower = array_alloc(widened, CHANNELS * sizeof(int16_t), 0);
  scaler->ring = array_alloc(pairs * ring_stride(scaler), sizeof(int16_t), 0);
  scaler->ring_rows = array_alloc(pairs, sizeof(int16_t *), 0);
  scaler->wide = array_alloc((uint64_t)plan->out_width + ROW_SLACK, CHANNELS * sizeof(int16_t), 0);
  return scaler->upper != NULL && scaler->lower != NULL && scaler->ring != NULL && scaler->ring_rows != NULL &&
         scaler->wide != NULL;
}

bool scaler_start(Scaler *scaler, ScalerPlan plan) {
  memset(scaler, 0, sizeof *scaler);
  if (!makes_sense(&plan)) {
    return false;
  }
  scaler->plan = plan;
  scaler->copy = is_copy(&plan);
  scaler->out = picture_alloc(plan.out_width, plan.out_height);
  if (scaler->out == NULL || (!scaler->copy && !open_rows(scaler))) {
    free_rows(scaler);
    free(scaler->out);
    scaler->out = NULL;
    return false;
  }
  return true;
}

static int16_t *ring_row(const Scaler *scaler, int pair) {
  int pairs = scaler->down.taps / 2;
  return scaler->ring + (size_t)(pair % pairs) * ring_stride(scaler);
}

static void write_row(Scaler *scaler) {
  const Filter *down = &scaler->down;
  int width = scaler->plan.out_width;
  int start = down->starts[scaler->out_y];
  int end = start + down->taps < down->end ? start + down->taps : down->end;
  int pair_count = (end - start + 1) / 2;
  for (int i = 0; i < pair_count; i++) {
    scaler->ring_rows[i] = ring_row(scaler, start / 2 + i);
  }
  const int16_t *weights = down->weights + (size_t)scaler->out_y * down->taps;
  uint8_t *out = scaler->out + (size_t)scaler->out_y * width * CHANNELS;
  if (scaler->plan.alpha) {
    sum_down_wide(scaler->ring_rows, weights, pair_count, width, scaler->wide);
    unpremultiply(scaler->wide, width, out);
  } else {
    sum_down(scaler->ring_rows, weights, pair_count, width, out);
  }
  scaler->out_y++;
}

static void write_ready_rows(Scaler *scaler) {
  const Filter *down = &scaler->down;
  while (scaler->out_y < scaler->plan.out_height) {
    int needed = down->starts[scaler->out_y] + down->taps;
    if (scaler->in_y < needed && scaler->in_y < down->end) {
      return;
    }
    write_row(scaler);
  }
}

static void take_scaled(Scaler *scaler, int y, const uint8_t *row) {
  const Filter *down = &scaler->down;
  if (y < down->first || y >= down->end) {
    return;
  }
  bool is_lower = (y & 1) == 1;
  const Filter *filter = &scaler->across;
  const uint8_t *pixels = row + (size_t)filter->first * CHANNELS;
  int count = filter->end - filter->first;
  int16_t *widened = is_lower ? scaler->lower : scaler->upper;
  if (scaler->plan.alpha) {
    widen_premultiplied(pixels, count, widened);
  } else {
    widen_opaque(pixels, count, widened);
  }
  /* An odd last row goes alone: what lies in the other one has the weight 0. */
  if (!is_lower && y != down->end - 1) {
    return;
  }
  Across across = {filter->starts, filter->weights, filter->taps, filter->first};
  shrink_across(scaler->upper, scaler->lower, across, scaler->plan.out_width, ring_row(scaler, y / 2));
  write_ready_rows(scaler);
}

void scaler_take(Scaler *scaler, const uint8_t *row) {
  if (scaler->in_y >= scaler->plan.in_height) {
    return;
  }
  int y = scaler->in_y++;
  if (!scaler->copy) {
    take_scaled(scaler, y, row);
    return;
  }
  size_t bytes = (size_t)scaler->plan.in_width * CHANNELS;
  memcpy(scaler->out + (size_t)y * bytes, row, bytes);
  scaler->out_y++;
}

uint8_t *scaler_finish(Scaler *scaler) {
  uint8_t *out = scaler->out;
  bool complete = scaler->out_y == scaler->plan.out_height;
  free_rows(scaler);
  memset(scaler, 0, sizeof *scaler);
  if (!complete) {
    free(out);
    return NULL;
  }
  return out;
}
