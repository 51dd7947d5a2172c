#include "filter.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

/* Lanczos3 reaches three samples of the coarser grid to each side. */
#define LOBES 3.0

/* Where one output sample lies on the input and which input samples it draws on. */
typedef struct {
  double centre;
  int first;
  int end;
} Reach;

typedef struct {
  int in_count;
  double offset;
  double step;    /* input samples per output sample */
  double stretch; /* step when shrinking, 1 when enlarging */
} Geometry;

static double lanczos3(double x) {
  double distance = fabs(x);
  if (distance < 1e-8) {
    return 1;
  }
  if (distance >= LOBES) {
    return 0;
  }
  double angle = M_PI * distance;
  return LOBES * sin(angle) * sin(angle / LOBES) / (angle * angle);
}

static Reach reach_of(const Geometry *geometry, int output) {
  double support = LOBES * geometry->stretch;
  double centre = geometry->offset + (output + 0.5) * geometry->step;
  double first = fmax(ceil(centre - support - 0.5), 0);
  double end = fmin(floor(centre + support - 0.5) + 1, geometry->in_count);
  Reach reach = {centre, (int)first, (int)end};
  return reach;
}

static int even_below(int value) {
  return value & ~1;
}

static int even_above(int value) {
  return (value + 1) & ~1;
}

/* Finds how many weights the widest output sample needs once its start is rounded down to an even sample. */
static int count_taps(const Geometry *geometry, int out_count) {
  int taps = 2;
  for (int i = 0; i < out_count; i++) {
    Reach reach = reach_of(geometry, i);
    int needed = even_above(reach.end - even_below(reach.first));
    if (needed > taps) {
      taps = needed;
    }
  }
  return taps;
}

/*
 * Writes one row of weights. Rounding the running sum, not each weight, makes the row sum exact and keeps its centre of
 * gravity even when thousands of weights are each smaller than the last bit.
 */
static void write_weights(const Geometry *geometry, Reach reach, int16_t *weights, int taps) {
  int start = even_below(reach.first);
  double sum = 0;
  for (int i = reach.first; i < reach.end; i++) {
    sum += lanczos3((i + 0.5 - reach.centre) / geometry->stretch);
  }
  double running = 0;
  long written = 0;
  for (int tap = 0; tap < taps; tap++) {
    int i = start + tap;
    if (i < reach.first || i >= reach.end) {
      weights[tap] = 0;
      continue;
    }
    running += lanczos3((i + 0.5 - reach.centre) / geometry->stretch) / sum;
    long rounded = lrint(running * (1 << WEIGHT_BITS));
    weights[tap] = (int16_t)(rounded - written);
    written = rounded;
  }
}

bool filter_open(Filter *filter, int in_count, double offset, double span, int out_count) {
  double step = span / out_count;
  Geometry geometry = {in_count, offset, step, fmax(step, 1)};
  int taps = count_taps(&geometry, out_count);
  filter->count = out_count;
  filter->taps = taps;
  filter->starts = array_alloc((uint64_t)out_count, sizeof(int), 0);
  filter->weights = array_alloc((uint64_t)out_count * (uint64_t)taps, sizeof(int16_t), 0);
  if (filter->starts == NULL || filter->weights == NULL) {
    return false;
  }
  for (int i = 0; i < out_count; i++) {
    Reach reach = reach_of(&geometry, i);
    filter->starts[i] = even_below(reach.first);
    write_weights(&geometry, reach, filter->weights + (size_t)i * taps, taps);
  }
  filter->first = filter->starts[0];
  filter->end = reach_of(&geometry, out_count - 1).end;
  return true;
}

void filter_close(Filter *filter) {
  free(filter->starts);
  free(filter->weights);
  filter->starts = NULL;
  filter->weights = NULL;
}
