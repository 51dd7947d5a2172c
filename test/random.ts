const TWO_TO_32 = 4_294_967_296;

/** Mulberry32: the same numbers in every run, so that a failure can be run again. Whole numbers of 32 bits. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Repeatable numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  const next = mulberry32(seed);
  return () => next() / TWO_TO_32;
}

/** Repeatable whole numbers from 0, each below what is asked for. */
export function randomNumbers(seed: number): (below: number) => number {
  const next = mulberry32(seed);
  return (below) => next() % below;
}
