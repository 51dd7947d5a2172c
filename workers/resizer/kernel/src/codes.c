/* ITU-T T.81, Annex K.2 and C.2. */
#include "codes.h"

#include <string.h>

/* No code may consist of ones alone. A symbol of its own, rarer than all others, takes that code. */
#define RESERVED SYMBOLS
#define LEAVES (SYMBOLS + 1)
#define NONE (-1)

/* A forest that grows together: leaves of one tree form a chain, and each knows how deep it lies. */
typedef struct {
  uint32_t counts[LEAVES]; /* of the whole tree, at the leaf that stands for it; 0 elsewhere */
  int next[LEAVES];
  int depths[LEAVES];
} Forest;

static void plant(Forest *forest, const uint32_t counts[SYMBOLS]) {
  memset(forest, 0, sizeof *forest);
  memcpy(forest->counts, counts, SYMBOLS * sizeof counts[0]);
  forest->counts[RESERVED] = 1;
  for (int leaf = 0; leaf < LEAVES; leaf++) {
    forest->next[leaf] = NONE;
  }
}

/* The rarest tree but one; of equals the last, so that the reserved symbol goes deepest. */
static int find_rarest(const Forest *forest, int except) {
  int rarest = NONE;
  for (int leaf = 0; leaf < LEAVES; leaf++) {
    if (forest->counts[leaf] == 0 || leaf == except) {
      continue;
    }
    if (rarest == NONE || forest->counts[leaf] <= forest->counts[rarest]) {
      rarest = leaf;
    }
  }
  return rarest;
}

/* Puts every leaf of the tree one step deeper; answers the last of its chain. */
static int sink(Forest *forest, int tree) {
  int leaf = tree;
  forest->depths[leaf]++;
  while (forest->next[leaf] != NONE) {
    leaf = forest->next[leaf];
    forest->depths[leaf]++;
  }
  return leaf;
}

static void grow_together(Forest *forest) {
  for (;;) {
    int one = find_rarest(forest, NONE);
    int other = find_rarest(forest, one);
    if (other == NONE) {
      return;
    }
    forest->counts[one] += forest->counts[other];
    forest->counts[other] = 0;
    int last = sink(forest, one);
    sink(forest, other);
    forest->next[last] = other;
  }
}

/*
 * Shortens codes of more than 16 bits (Figure K.3): a pair of them becomes one that is a bit shorter, and the other
 * one hangs beside a code from further up, which grows by a bit.
 */
static void limit_lengths(int per_length[LEAVES]) {
  for (int length = LEAVES - 1; length > CODE_BITS_MAX; length--) {
    while (per_length[length] > 0) {
      int shorter = length - 2;
      while (per_length[shorter] == 0) {
        shorter--;
      }
      per_length[length] -= 2;
      per_length[length - 1]++;
      per_length[shorter + 1] += 2;
      per_length[shorter]--;
    }
  }
}

static void drop_reserved(int per_length[LEAVES]) {
  int longest = CODE_BITS_MAX;
  while (per_length[longest] == 0) {
    longest--;
  }
  per_length[longest]--;
}

/* Limiting has changed how many codes there are of each length, but not which symbols deserve the shorter ones. */
static void sort_symbols(Huffman *huffman, const Forest *forest) {
  for (int depth = 1; depth < LEAVES; depth++) {
    for (int symbol = 0; symbol < SYMBOLS; symbol++) {
      if (forest->depths[symbol] == depth) {
        huffman->symbols[huffman->symbol_count++] = (uint8_t)symbol;
      }
    }
  }
}

static void assign_codes(Huffman *huffman) {
  int code = 0;
  int at = 0;
  for (int length = 1; length <= CODE_BITS_MAX; length++) {
    for (int i = 0; i < huffman->per_length[length - 1]; i++) {
      uint8_t symbol = huffman->symbols[at++];
      huffman->codes[symbol] = (uint16_t)code++;
      huffman->lengths[symbol] = (uint8_t)length;
    }
    code <<= 1;
  }
}

void huffman_make(Huffman *huffman, const uint32_t counts[SYMBOLS]) {
  Forest forest;
  plant(&forest, counts);
  grow_together(&forest);
  int per_length[LEAVES] = {0};
  for (int leaf = 0; leaf < LEAVES; leaf++) {
    per_length[forest.depths[leaf]]++;
  }
  per_length[0] = 0;
  limit_lengths(per_length);
  drop_reserved(per_length);

  memset(huffman, 0, sizeof *huffman);
  for (int length = 1; length <= CODE_BITS_MAX; length++) {
    huffman->per_length[length - 1] = (uint8_t)per_length[length];
  }
  sort_symbols(huffman, &forest);
  assign_codes(huffman);
}
