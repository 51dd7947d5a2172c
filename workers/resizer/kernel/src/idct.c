/*
 * A block of 8 × 8 coefficients becomes size × size samples: samples = M · coefficients · Mᵀ, where M is a matrix of
 * cosines. Multiplying by the whole matrix takes more products than a fast transform, but the multiply-and-add
 * instruction does eight of them at once, and one function serves all sizes. Values, bits and rounding are those of
 * libjpeg's accurate integer transform.
 */
/* Lets jpeglib.h declare the modules of a running decoder. */
#define JPEG_INTERNALS
#include "idct.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#define N DCTSIZE
#define MATRIX_BITS 13
/* Fraction bits between the two multiplications; more would not fit 16 bits with the coefficients of hard edges. */
#define MIDDLE_BITS 2
/* The matrix is larger by the square root of 8 than the orthonormal one: both together by 2^3. */
#define SIZE_BITS 3
#define FINAL_BITS (MATRIX_BITS + MIDDLE_BITS + SIZE_BITS)
#define ALWAYS_INLINE inline __attribute__((always_inline))

_Static_assert(sizeof(MULTIPLIER) == sizeof(int16_t), "multipliers are loaded as 16-bit numbers");

/*
 * Where chroma has half the samples of luma, libjpeg transforms it to twice the size, which spares it from being
 * stretched later: to 10, 12 and 14 beside luma's 5, 6 and 7. There it stops, so no other size above 8 comes up.
 */
#define SIZE_MAX_USED 14
/* In whole vectors of four samples. */
#define SIZE_ROOM 16

typedef struct {
  int16_t rows[SIZE_ROOM][N];           /* by sample, then by coefficient */
  int16_t columns[N / 2][SIZE_ROOM][2]; /* the same by pairs of coefficients, then by sample */
} Matrix;

/* By size. */
static Matrix matrices[SIZE_MAX_USED + 1];

static double cosine(int size, int sample, int coefficient) {
  if (coefficient == 0) {
    return 1;
  }
  return M_SQRT2 * cos((2 * sample + 1) * coefficient * M_PI / (2 * size));
}

/*
 * Sizes that divide 8 average neighbours of the full transform, the others take the lowest coefficients alone, or all of
 * them for sizes above 8; both as libjpeg does.
 */
static double entry(int size, int sample, int coefficient) {
  if (N % size != 0) {
    return coefficient < size ? cosine(size, sample, coefficient) : 0;
  }
  int share = N / size;
  double sum = 0;
  for (int i = 0; i < share; i++) {
    sum += cosine(N, sample * share + i, coefficient);
  }
  return sum / share;
}

static void fill_matrix(Matrix *matrix, int size) {
  memset(matrix, 0, sizeof *matrix);
  for (int sample = 0; sample < size; sample++) {
    for (int coefficient = 0; coefficient < N; coefficient++) {
      int16_t value = (int16_t)lrint(entry(size, sample, coefficient) * (1 << MATRIX_BITS));
      matrix->rows[sample][coefficient] = value;
      matrix->columns[coefficient / 2][sample][coefficient % 2] = value;
    }
  }
}

/* Two rows of coefficients side by side, ready for products with pairs. */
typedef struct {
  v128_t left, right;
} RowPair;

/* Loads and dequantizes; answers how many row pairs, from the top, are not all zero. */
static ALWAYS_INLINE int load_pairs(const int16_t *coefficients, const int16_t *multipliers, RowPair *pairs) {
  int used = 0;
  for (int i = 0; i < N / 2; i++) {
    v128_t upper = wasm_v128_load(coefficients + 2 * i * N);
    v128_t lower = wasm_v128_load(coefficients + (2 * i + 1) * N);
    if (!wasm_v128_any_true(wasm_v128_or(upper, lower))) {
      continue;
    }
    used = i + 1;
    upper = wasm_i16x8_mul(upper, wasm_v128_load(multipliers + 2 * i * N));
    lower = wasm_i16x8_mul(lower, wasm_v128_load(multipliers + (2 * i + 1) * N));
    pairs[i].left = wasm_i16x8_shuffle(upper, lower, 0, 8, 1, 9, 2, 10, 3, 11);
    pairs[i].right = wasm_i16x8_shuffle(upper, lower, 4, 12, 5, 13, 6, 14, 7, 15);
  }
  return used;
}

/* One row of M · coefficients. */
static ALWAYS_INLINE v128_t first_product(const RowPair *pairs, int used, const int16_t *weights) {
  const int bits = MATRIX_BITS - MIDDLE_BITS;
  v128_t left = wasm_i32x4_splat(1 << (bits - 1));
  v128_t right = left;
  for (int i = 0; i < used; i++) {
    v128_t weight = wasm_v128_load32_splat(weights + 2 * i);
    left = wasm_i32x4_add(left, wasm_i32x4_dot_i16x8(pairs[i].left, weight));
    right = wasm_i32x4_add(right, wasm_i32x4_dot_i16x8(pairs[i].right, weight));
  }
  return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(left, bits), wasm_i32x4_shr(right, bits));
}

/* Four samples, from the given one on, of a row of the first product times Mᵀ. */
static ALWAYS_INLINE v128_t second_product(v128_t row, const Matrix *matrix, int sample) {
  v128_t sum = wasm_i32x4_splat((CENTERJSAMPLE << FINAL_BITS) + (1 << (FINAL_BITS - 1)));
  v128_t pair0 = wasm_i32x4_shuffle(row, row, 0, 0, 0, 0);
  v128_t pair1 = wasm_i32x4_shuffle(row, row, 1, 1, 1, 1);
  v128_t pair2 = wasm_i32x4_shuffle(row, row, 2, 2, 2, 2);
  v128_t pair3 = wasm_i32x4_shuffle(row, row, 3, 3, 3, 3);
  sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(pair0, wasm_v128_load(matrix->columns[0][sample])));
  sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(pair1, wasm_v128_load(matrix->columns[1][sample])));
  sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(pair2, wasm_v128_load(matrix->columns[2][sample])));
  sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(pair3, wasm_v128_load(matrix->columns[3][sample])));
  return wasm_i32x4_shr(sum, FINAL_BITS);
}

static ALWAYS_INLINE v128_t eight_samples(v128_t row, const Matrix *matrix, int sample, int size) {
  v128_t left = second_product(row, matrix, sample);
  v128_t right = size > sample + 4 ? second_product(row, matrix, sample + 4) : left;
  return wasm_i16x8_narrow_i32x4(left, right);
}

static ALWAYS_INLINE void transform(const jpeg_component_info *component, const int16_t *coefficients,
                                    JSAMPARRAY output, JDIMENSION column, int size) {
  const Matrix *matrix = &matrices[size];
  RowPair pairs[N / 2];
  int used = load_pairs(coefficients, component->dct_table, pairs);
  for (int y = 0; y < size; y++) {
    v128_t row = first_product(pairs, used, matrix->rows[y]);
    v128_t left = eight_samples(row, matrix, 0, size);
    v128_t right = size > 8 ? eight_samples(row, matrix, 8, size) : left;
    v128_t samples = wasm_u8x16_narrow_i16x8(left, right);
    /* Not a byte more: behind the last block of a row the next row begins. */
    memcpy(output[y] + column, &samples, (size_t)size);
  }
}

/* A function of its own for each size, so that its loops have a known length. */
#define TRANSFORM_TO(size)                                                                                      \
  static void transform_to_##size(j_decompress_ptr info, jpeg_component_info *component, JCOEFPTR coefficients, \
                                  JSAMPARRAY output, JDIMENSION column) {                                       \
    (void)info;                                                                                                 \
    transform(component, coefficients, output, column, size);                                                   \
  }

TRANSFORM_TO(2)
TRANSFORM_TO(3)
TRANSFORM_TO(4)
TRANSFORM_TO(5)
TRANSFORM_TO(6)
TRANSFORM_TO(7)
TRANSFORM_TO(8)
TRANSFORM_TO(10)
TRANSFORM_TO(12)
TRANSFORM_TO(14)

/* A single sample is the mean alone, which libjpeg takes without any transform. */
static const inverse_DCT_method_ptr transforms[SIZE_MAX_USED + 1] = {
    [2] = transform_to_2,   [3] = transform_to_3,   [4] = transform_to_4, [5] = transform_to_5,
    [6] = transform_to_6,   [7] = transform_to_7,   [8] = transform_to_8, [10] = transform_to_10,
    [12] = transform_to_12, [14] = transform_to_14,
};

void use_simd_idct(j_decompress_ptr info) {
  for (int i = 0; i < info->num_components; i++) {
    int size = info->comp_info[i].DCT_scaled_size;
    if (size > SIZE_MAX_USED || transforms[size] == NULL) {
      continue;
    }
    fill_matrix(&matrices[size], size);
    info->idct->inverse_DCT[i] = transforms[size];
  }
}
