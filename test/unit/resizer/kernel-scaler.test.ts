import { describe, expect, it } from "vitest";
import { expectSamePixels, openKernel } from "./open-kernel.ts";

type Size = [number, number];

const RATIOS: Array<[Size, Size]> = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [1, 1],
    [7, 5],
  ],
  [
    [2, 3],
    [1, 1],
  ],
  [
    [3, 2],
    [150, 150],
  ],
  [
    [3, 5000],
    [3, 1],
  ],
  [
    [3, 5000],
    [1, 1920],
  ],
  [
    [5000, 3],
    [1, 1],
  ],
  [
    [5000, 3],
    [1920, 1],
  ],
  [
    [2, 20_000],
    [2, 1],
  ],
  [
    [20_000, 2],
    [1, 2],
  ],
  [
    [1001, 999],
    [1000, 998],
  ],
  [
    [640, 427],
    [319, 213],
  ],
  [
    [640, 427],
    [150, 150],
  ],
  [
    [100, 100],
    [333, 17],
  ],
];

function paint([width, height]: Size, pixel: (x: number, y: number) => number[]): Uint8Array {
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(pixel(x, y), (y * width + x) * 4);
  }
  return pixels;
}

function meanOf(pixels: Uint8Array, channel: number): number {
  let sum = 0;
  for (let at = channel; at < pixels.length; at += 4) sum += pixels[at]!;
  return (sum * 4) / pixels.length;
}

describe("the scaler", () => {
  it.each(RATIOS)("keeps one colour that colour from %j to %j", (from, to) => {
    const kernel = openKernel();
    const colour = [255, 0, 91, 255];
    const expected = paint(to, () => colour);
    const picture = paint(from, () => colour);
    expectSamePixels(kernel.resize(picture, from, to), expected);
    expectSamePixels(kernel.resize(picture, from, to, 1), expected);
  });

  it.each(RATIOS)("answers the same row by row as at once, from %j to %j", (from, to) => {
    const kernel = openKernel();
    const picture = paint(from, (x, y) => [x * 7, y * 5, x * y, 255 - ((x + y) % 200)]);
    expectSamePixels(kernel.stream(picture, from, to, 1), kernel.resize(picture, from, to, 1));
    expectSamePixels(kernel.stream(picture, from, to), kernel.resize(picture, from, to));
  });

  it("copies every pixel when nothing is to be scaled, also colours that are fully transparent", () => {
    const picture = paint([33, 17], (x, y) => [x * 7, y * 11, x ^ y, (x * y) % 256]);
    expect(openKernel().resize(picture, [33, 17], [33, 17], 1)).toEqual(picture);
  });

  it.each([
    [
      [256, 1],
      [64, 1],
    ],
    [
      [256, 3],
      [100, 2],
    ],
    [
      [4096, 1],
      [16, 1],
    ],
    [
      [20_000, 1],
      [50, 1],
    ],
    [
      [100, 1],
      [400, 1],
    ],
  ] as Array<[Size, Size]>)("keeps a gradient straight from %j to %j, in both directions", (from, to) => {
    const kernel = openKernel();
    const lightness = (position: number) => 20 + 210 * position;
    const across = paint(from, (x) => Array(4).fill(Math.round(lightness((x + 0.5) / from[0]))));
    const down = paint([from[1], from[0]], (_, y) => Array(4).fill(Math.round(lightness((y + 0.5) / from[0]))));
    const scaledAcross = kernel.resize(across, from, to);
    const scaledDown = kernel.resize(down, [from[1], from[0]], [to[1], to[0]]);
    // Where the filter reaches over an edge, nothing lies beyond it and the slope flattens.
    const border = Math.ceil(3 * Math.max(1, to[0] / from[0]));
    for (let i = border; i < to[0] - border; i++) {
      const expected = lightness((i + 0.5) / to[0]);
      expect(Math.abs(scaledAcross[i * 4]! - expected)).toBeLessThanOrEqual(1.5);
      expect(Math.abs(scaledDown[i * to[1] * 4]! - expected)).toBeLessThanOrEqual(1.5);
    }
  });

  it.each([1.05, 2, 3.3, 17, 90])("keeps the mean lightness when it shrinks %f times", (ratio) => {
    const from: Size = [900, 700];
    const to: Size = [Math.round(900 / ratio), Math.round(700 / ratio)];
    let state = 1;
    const picture = paint(from, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return [64 + (state >>> 25), 128, 128, 255];
    });
    expect(Math.abs(meanOf(openKernel().resize(picture, from, to), 0) - meanOf(picture, 0))).toBeLessThan(0.5);
  });

  it("takes what a crop window shows, also between pixels", () => {
    const kernel = openKernel();
    const halves = paint([200, 100], (x) => (x < 100 ? [255, 0, 0, 255] : [0, 0, 255, 255]));
    const left = kernel.resize(halves, [200, 100], [10, 20], 0, { x: 10, y: 0, width: 50, height: 100 });
    expect(left).toEqual(paint([10, 20], () => [255, 0, 0, 255]));
    const middle = kernel.resize(halves, [200, 100], [2, 1], 0, { x: 50.5, y: 0, width: 99, height: 100 });
    expect(middle[0]! - middle[4]!).toBeGreaterThan(200);
    expect(middle[6]! - middle[2]!).toBeGreaterThan(200);
  });

  it.each([255, 254, 128, 40])("keeps a colour under the alpha %i", (alpha) => {
    const picture = paint([300, 200], () => [200, 100, 50, alpha]);
    const scaled = openKernel().resize(picture, [300, 200], [97, 61], 1);
    const channels = Array.from({ length: 4 }, (_, channel) => meanOf(scaled, channel));
    for (const [channel, expected] of [200, 100, 50, alpha].entries()) {
      expect(Math.abs(channels[channel]! - expected)).toBeLessThan(1);
    }
  });

  it("gives transparent pixels no say in the colour of their neighbours", () => {
    const picture = paint([64, 64], (x) => (x < 32 ? [255, 255, 255, 255] : [0, 255, 0, 0]));
    const scaled = openKernel().resize(picture, [64, 64], [16, 16], 1);
    for (let at = 0; at < scaled.length; at += 4) {
      if (scaled[at + 3]! > 8) expect(scaled[at]).toBeGreaterThan(250);
    }
    expect(meanOf(scaled, 3)).toBeCloseTo(meanOf(picture, 3), -1);
  });

  it.each([
    ["a width of 0", [0, 4, 0, 0, 4, 4, 2, 2]],
    ["a negative height", [4, -4, 0, 0, 4, 4, 2, 2]],
    ["an output of 0", [4, 4, 0, 0, 4, 4, 0, 2]],
    ["a window of nothing", [4, 4, 0, 0, 0, 4, 2, 2]],
    ["a window that leaves the picture", [4, 4, 1, 0, 4, 4, 2, 2]],
    ["a window that is no number", [4, 4, Number.NaN, 0, 4, 4, 2, 2]],
  ])("answers 0 to %s", (_, args) => {
    const kernel = openKernel();
    const input = kernel.put(new Uint8Array(4 * 4 * 4));
    expect(kernel.call("resize", input, ...args, 0)).toBe(0);
  });

  it("answers 0 when rows are missing or nothing was opened, and ignores rows too many", () => {
    const kernel = openKernel();
    expect(kernel.call("scaler_close")).toBe(0);
    expect(kernel.call("scaler_open", 8, 8, 4, 4, 0)).toBe(1);
    for (let y = 0; y < 7; y++) kernel.call("scaler_push");
    expect(kernel.call("scaler_close")).toBe(0);
    expect(kernel.call("scaler_open", 8, 8, 4, 4, 0)).toBe(1);
    for (let y = 0; y < 20; y++) kernel.call("scaler_push");
    expect(kernel.call("scaler_close")).not.toBe(0);
    expect(kernel.call("scaler_open", 0, 8, 4, 4, 0)).toBe(0);
    expect(kernel.call("scaler_row")).toBe(0);
  });
});
