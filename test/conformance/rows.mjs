/**
 * The rows of docs/mission.md that a client can see over HTTP, as ranges `[source, first, last]`.
 * Each of them has exactly one check under checks/.
 */
const RANGES = [
  ["S0", 23, 34],
  ["S1", 33, 49],
  ["S2", 38, 45],
  ["S2", 65, 67],
  ["S3", 0, 0],
  ["S3", 6, 9],
  ["S3", 16, 17],
  ["S3", 24, 30],
  ["S3", 47, 52],
  ["S4", 17, 23],
  ["S4", 79, 81],
];

/** Every required row, such as `S2.41`, in the order of the mission. */
export const REQUIRED_ROWS = RANGES.flatMap(([source, first, last]) =>
  Array.from({ length: last - first + 1 }, (_, offset) => `${source}.${first + offset}`),
);
