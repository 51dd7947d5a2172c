import type { Kernel } from "./kernel.ts";
import type { Picture, Size } from "./picture.ts";
import type { RowTarget } from "./png-rows.ts";

/** Adam7 (PNG 3rd edition §8.1): where each of the seven pictures begins, and how far apart its pixels lie. */
const ADAM7 = [
  { left: 0, top: 0, right: 8, down: 8 },
  { left: 4, top: 0, right: 8, down: 8 },
  { left: 0, top: 4, right: 4, down: 8 },
  { left: 2, top: 0, right: 4, down: 4 },
  { left: 0, top: 2, right: 2, down: 4 },
  { left: 1, top: 0, right: 2, down: 2 },
  { left: 0, top: 1, right: 1, down: 2 },
];

/** Puts the pixels of an interlaced file where they belong in the whole picture. */
export function interlacedTarget(kernel: Kernel, picture: Picture): RowTarget {
  const grids = ADAM7.map((grid) => ({ ...grid, ...passSize(grid, picture) })).filter(
    ({ width, height }) => width > 0 && height > 0,
  );
  const line = new Uint32Array(picture.width);
  return {
    passes: grids,
    take(pass, row, paint) {
      const grid = grids[pass];
      if (grid === undefined) return;
      const pixels = line.subarray(0, grid.width);
      paint(pixels);
      const whole = new Uint32Array(kernel.memory.buffer, picture.address, picture.width * picture.height);
      let at = (grid.top + row * grid.down) * picture.width + grid.left;
      for (const pixel of pixels) {
        whole[at] = pixel;
        at += grid.right;
      }
    },
  };
}

function passSize({ left, top, right, down }: (typeof ADAM7)[number], { width, height }: Size): Size {
  return {
    width: Math.max(0, Math.ceil((width - left) / right)),
    height: Math.max(0, Math.ceil((height - top) / down)),
  };
}
