#include "deblock.h"

#include "edge.h"
#include "src/dsp/dsp.h"

/* How strongly to smooth: the least difference across the edge and within the sides that is content, not artefact. */
typedef struct {
  v128_t edge, inside, high_variance;
} Limits;

static Limits limits_of(int edge, int inside, int high_variance) {
  Limits limits = {wasm_i8x16_splat((int8_t)edge), wasm_i8x16_splat((int8_t)inside),
                   wasm_i8x16_splat((int8_t)high_variance)};
  return limits;
}

static inline v128_t distance(v128_t a, v128_t b) {
  return wasm_v128_or(wasm_u8x16_sub_sat(a, b), wasm_u8x16_sub_sat(b, a));
}

/* Where 2 |p0 - q0| + |p1 - q1| / 2 and all differences within a side keep to the limits. */
static inline v128_t is_smooth(const v128_t *v, Limits limits) {
  v128_t twice = distance(v[P0], v[Q0]);
  twice = wasm_u8x16_add_sat(twice, twice);
  v128_t edge = wasm_u8x16_add_sat(twice, wasm_u8x16_shr(distance(v[P1], v[Q1]), 1));
  v128_t left = wasm_u8x16_max(distance(v[P3], v[P2]), wasm_u8x16_max(distance(v[P2], v[P1]), distance(v[P1], v[P0])));
  v128_t right = wasm_u8x16_max(distance(v[Q3], v[Q2]), wasm_u8x16_max(distance(v[Q2], v[Q1]), distance(v[Q1], v[Q0])));
  v128_t inside = wasm_u8x16_max(left, right);
  return wasm_v128_and(wasm_u8x16_le(edge, limits.edge), wasm_u8x16_le(inside, limits.inside));
}

static inline v128_t has_high_variance(const v128_t *v, Limits limits) {
  v128_t steps = wasm_u8x16_max(distance(v[P1], v[P0]), distance(v[Q1], v[Q0]));
  return wasm_u8x16_gt(steps, limits.high_variance);
}

/* Between flip and flip samples are signed, as the standard counts. */
static inline void flip(v128_t *v) {
  for (int i = P2; i <= Q2; i++) {
    v[i] = wasm_v128_xor(v[i], wasm_i8x16_splat(-128));
  }
}

/* start + 3 (q0 - p0), cut off at each step. */
static inline v128_t add_three_steps(v128_t start, const v128_t *v) {
  v128_t step = wasm_i8x16_sub_sat(v[Q0], v[P0]);
  return wasm_i8x16_add_sat(step, wasm_i8x16_add_sat(step, wasm_i8x16_add_sat(step, start)));
}

/* Moves the two samples at the edge towards each other by an eighth of delta; answers by how much q0 moved. */
static inline v128_t move_nearest(v128_t *v, v128_t delta) {
  v128_t q_step = wasm_i8x16_shr(wasm_i8x16_add_sat(delta, wasm_i8x16_splat(4)), 3);
  v128_t p_step = wasm_i8x16_shr(wasm_i8x16_add_sat(delta, wasm_i8x16_splat(3)), 3);
  v[Q0] = wasm_i8x16_sub_sat(v[Q0], q_step);
  v[P0] = wasm_i8x16_add_sat(v[P0], p_step);
  return q_step;
}

/* Within a macroblock: four samples move. */
static inline void smooth_inner(v128_t *v, Limits limits) {
  v128_t smooth = is_smooth(v, limits);
  v128_t rough = has_high_variance(v, limits);
  flip(v);
  v128_t outer = wasm_v128_and(wasm_i8x16_sub_sat(v[P1], v[Q1]), rough);
  v128_t q_step = move_nearest(v, wasm_v128_and(add_three_steps(outer, v), smooth));
  v128_t half = wasm_i8x16_shr(wasm_i8x16_add(q_step, wasm_i8x16_splat(1)), 1);
  half = wasm_v128_andnot(half, rough);
  v[Q1] = wasm_i8x16_sub_sat(v[Q1], half);
  v[P1] = wasm_i8x16_add_sat(v[P1], half);
  flip(v);
}

/* Moves a pair by (weight × delta + 63) / 128; delta comes widened, its lower and its upper half. */
static inline void move_pair(v128_t *p, v128_t *q, v128_t low, v128_t high, int weight) {
  v128_t factor = wasm_i16x8_splat((int16_t)weight);
  v128_t half = wasm_i16x8_splat(63);
  low = wasm_i16x8_shr(wasm_i16x8_add(wasm_i16x8_mul(low, factor), half), 7);
  high = wasm_i16x8_shr(wasm_i16x8_add(wasm_i16x8_mul(high, factor), half), 7);
  v128_t step = wasm_i8x16_narrow_i16x8(low, high);
  *p = wasm_i8x16_add_sat(*p, step);
  *q = wasm_i8x16_sub_sat(*q, step);
}

/* Between macroblocks: six samples move, or two where much happens. */
static inline void smooth_outer(v128_t *v, Limits limits) {
  v128_t smooth = is_smooth(v, limits);
  v128_t rough = has_high_variance(v, limits);
  flip(v);
  v128_t delta = wasm_v128_and(add_three_steps(wasm_i8x16_sub_sat(v[P1], v[Q1]), v), smooth);
  v128_t wide = wasm_v128_andnot(delta, rough);
  move_nearest(v, wasm_v128_and(delta, rough));
  v128_t low = wasm_i16x8_extend_low_i8x16(wide);
  v128_t high = wasm_i16x8_extend_high_i8x16(wide);
  move_pair(&v[P2], &v[Q2], low, high, 9);
  move_pair(&v[P1], &v[Q1], low, high, 18);
  move_pair(&v[P0], &v[Q0], low, high, 27);
  flip(v);
}

static void outer_upright(uint8_t *one, uint8_t *other, int stride, int edge, int inside, int high_variance) {
  v128_t v[ACROSS];
  load_upright(v, one, other, stride);
  smooth_outer(v, limits_of(edge, inside, high_variance));
  store_upright(v, one, other, stride);
}

static void inner_upright(uint8_t *one, uint8_t *other, int stride, int edge, int inside, int high_variance) {
  v128_t v[ACROSS];
  load_upright(v, one, other, stride);
  smooth_inner(v, limits_of(edge, inside, high_variance));
  store_upright(v, one, other, stride);
}

static void outer_level(uint8_t *one, uint8_t *other, int stride, int edge, int inside, int high_variance) {
  v128_t v[ACROSS];
  load_level(v, one, other, stride);
  smooth_outer(v, limits_of(edge, inside, high_variance));
  store_level(v, one, other, stride);
}

static void inner_level(uint8_t *one, uint8_t *other, int stride, int edge, int inside, int high_variance) {
  v128_t v[ACROSS];
  load_level(v, one, other, stride);
  smooth_inner(v, limits_of(edge, inside, high_variance));
  store_level(v, one, other, stride);
}

/* Luma is sixteen samples long: two places of eight. Its inner edges come every four. */
static void luma_outer_upright(uint8_t *p, int stride, int edge, int inside, int high_variance) {
  outer_upright(p, p + 8 * stride, stride, edge, inside, high_variance);
}

static void luma_outer_level(uint8_t *p, int stride, int edge, int inside, int high_variance) {
  outer_level(p, p + 8, stride, edge, inside, high_variance);
}

static void luma_inner_upright(uint8_t *p, int stride, int edge, int inside, int high_variance) {
  for (int x = 4; x < 16; x += 4) {
    inner_upright(p + x, p + x + 8 * stride, stride, edge, inside, high_variance);
  }
}

static void luma_inner_level(uint8_t *p, int stride, int edge, int inside, int high_variance) {
  for (int y = 4; y < 16; y += 4) {
    inner_level(p + y * stride, p + y * stride + 8, stride, edge, inside, high_variance);
  }
}

static void chroma_inner_upright(uint8_t *u, uint8_t *v, int stride, int edge, int inside, int high_variance) {
  inner_upright(u + 4, v + 4, stride, edge, inside, high_variance);
}

static void chroma_inner_level(uint8_t *u, uint8_t *v, int stride, int edge, int inside, int high_variance) {
  inner_level(u + 4 * stride, v + 4 * stride, stride, edge, inside, high_variance);
}

void use_simd_deblocking(void) {
  VP8DspInit();
  VP8HFilter16 = luma_outer_upright;
  VP8VFilter16 = luma_outer_level;
  VP8HFilter16i = luma_inner_upright;
  VP8VFilter16i = luma_inner_level;
  VP8HFilter8 = outer_upright;
  VP8VFilter8 = outer_level;
  VP8HFilter8i = chroma_inner_upright;
  VP8VFilter8i = chroma_inner_level;
}
