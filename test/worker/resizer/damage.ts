const CHANGES_MAX = 8;

/** A copy with some bytes changed, or cut off somewhere, or with a piece of itself in the wrong place. */
export function damage(original: Uint8Array, random: (below: number) => number): Uint8Array {
  switch (random(4)) {
    case 0:
      return original.slice(0, 1 + random(original.length));
    case 1: {
      const damaged = original.slice();
      const from = random(original.length);
      const piece = original.slice(from, from + random(64));
      damaged.set(piece, random(original.length - piece.length));
      return damaged;
    }
    default: {
      const damaged = original.slice();
      for (let change = random(CHANGES_MAX); change >= 0; change--) damaged[random(damaged.length)] = random(256);
      return damaged;
    }
  }
}
