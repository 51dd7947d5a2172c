/** Filter types of the PNG specification (3rd edition §9.2): what a row's bytes are the difference to. */
const LEFT = 1;
const ABOVE = 2;
const AVERAGE = 3;
const PAETH = 4;

/**
 * Turns a filtered row into the bytes it stands for, in place.
 * @param above the row before, already turned back; zeros for the first
 * @param step bytes of one whole pixel, at least 1
 * @returns false for a filter that does not exist
 */
export function unfilter(filter: number, row: Uint8Array, above: Uint8Array, step: number): boolean {
  switch (filter) {
    case 0:
      return true;
    case LEFT:
      addLeft(row, step);
      return true;
    case ABOVE:
      for (let i = 0; i < row.length; i++) row[i] = at(row, i) + at(above, i);
      return true;
    case AVERAGE:
      addAverage(row, above, step);
      return true;
    case PAETH:
      addPaeth(row, above, step);
      return true;
    default:
      return false;
  }
}

function addLeft(row: Uint8Array, step: number): void {
  for (let i = step; i < row.length; i++) row[i] = at(row, i) + at(row, i - step);
}

function addAverage(row: Uint8Array, above: Uint8Array, step: number): void {
  const first = Math.min(step, row.length);
  for (let i = 0; i < first; i++) row[i] = at(row, i) + (at(above, i) >> 1);
  for (let i = step; i < row.length; i++) row[i] = at(row, i) + ((at(row, i - step) + at(above, i)) >> 1);
}

/** Each byte is added to whichever of its neighbours left, above and above left comes closest to left + above − above left. */
function addPaeth(row: Uint8Array, above: Uint8Array, step: number): void {
  const first = Math.min(step, row.length);
  for (let i = 0; i < first; i++) row[i] = at(row, i) + at(above, i);
  for (let i = step; i < row.length; i++) {
    const left = at(row, i - step);
    const up = at(above, i);
    const corner = at(above, i - step);
    // The guess is left + up − corner; these are its distances to each of the three.
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    row[i] = at(row, i) + nearest;
  }
}

/** Every index lies within the row; the type checker cannot know it. */
function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
