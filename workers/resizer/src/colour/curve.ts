/** How one channel's 256 values become light, from 0 to 1. */
export type Curve = Float64Array;

const VALUES = 256;
const HEAD_BYTES = 12;
const FIXED_BYTES = 4;

/** How many numbers each kind of parametric curve has (ICC.1:2022 §10.18). */
const PARAMETERS = [1, 3, 4, 5, 7];

/** Reads a tone curve of a profile: a table, a gamma, or a formula. Null for anything else. */
export function readCurve(tag: DataView): Curve | null {
  if (tag.byteLength < HEAD_BYTES) return null;
  switch (tag.getUint32(0)) {
    case 0x63757276:
      return readTable(tag);
    case 0x70617261:
      return readFormula(tag);
    default:
      return null;
  }
}

/** `curv` (§10.6): no entry means light as it is, one is a gamma in 8.8 bits, more are a table. */
function readTable(tag: DataView): Curve | null {
  const count = tag.getUint32(8);
  if (count * 2 > tag.byteLength - HEAD_BYTES) return null;
  if (count === 0) return tabulated((value) => value);
  if (count === 1) {
    const gamma = tag.getUint16(HEAD_BYTES) / 256;
    return tabulated((value) => value ** gamma);
  }
  const entry = (index: number) => tag.getUint16(HEAD_BYTES + 2 * index) / 65_535;
  return tabulated((value) => {
    const at = value * (count - 1);
    const below = Math.min(Math.floor(at), count - 2);
    return entry(below) + (entry(below + 1) - entry(below)) * (at - below);
  });
}

/** `para` (§10.18): a power of a straight line, and below `d` a straight line. */
function readFormula(tag: DataView): Curve | null {
  const kind = tag.getUint16(8);
  const count = PARAMETERS[kind];
  if (count === undefined || tag.byteLength < HEAD_BYTES + count * FIXED_BYTES) return null;
  const number = (index: number) => (index < count ? tag.getInt32(HEAD_BYTES + FIXED_BYTES * index) / 65_536 : 0);
  const gamma = number(0);
  if (kind === 0) return tabulated((value) => value ** gamma);

  const a = number(1);
  const b = number(2);
  if (kind <= 2) {
    const offset = kind === 2 ? number(3) : 0;
    return tabulated((value) => (a * value + b > 0 ? (a * value + b) ** gamma : 0) + offset);
  }
  const c = number(3);
  const d = number(4);
  return tabulated((value) => (value >= d ? (a * value + b) ** gamma + number(5) : c * value + number(6)));
}

function tabulated(light: (value: number) => number): Curve {
  return Float64Array.from({ length: VALUES }, (_, index) => {
    const result = light(index / (VALUES - 1));
    return Number.isFinite(result) ? Math.min(1, Math.max(0, result)) : 0;
  });
}
