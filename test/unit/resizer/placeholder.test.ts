import { thumbHashToRGBA } from "thumbhash";
import { describe, expect, it } from "vitest";
import { describePixels, placeholderSize } from "../../../workers/resizer/src/placeholder.ts";

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

const SIZE = { width: 40, height: 30 };
const RED = [200, 30, 60, 255] as const;
const BLUE = [40, 90, 200, 255] as const;
const CLEAR_GREEN = [0, 255, 0, 0] as const;

/** A picture of 40 × 30 pixels. */
function draw(colourAt: (x: number, y: number) => Colour): Uint8ClampedArray {
  const { width, height } = SIZE;
  return Uint8ClampedArray.from(
    Array.from({ length: width * height }, (_, n) => colourAt(n % width, Math.floor(n / width))).flat(),
  );
}

describe("the dominant colour", () => {
  it.each([
    ["a red boat on a blue lake: blue", draw((x, y) => (x < 10 && y < 10 ? RED : BLUE)), "#285ac8"],
    [
      "many reds beside one blue: about the reds' average",
      draw((x) => (x % 4 === 0 ? BLUE : [200 + (x % 8), 30, 60, 255])),
      "#cc1e3c",
    ],
    ["a red boat in nothing: red", draw((x, y) => (x < 10 && y < 10 ? RED : CLEAR_GREEN)), "#c81e3c"],
    ["more faint red than clear blue: blue", draw((x) => (x < 25 ? [200, 30, 60, 100] : BLUE)), "#285ac8"],
    ["black", draw(() => [0, 0, 0, 255]), "#000000"],
    ["white", draw(() => [255, 255, 255, 255]), "#ffffff"],
    ["nothing: none", draw(() => CLEAR_GREEN), null],
  ])("of %s", (_picture, pixels, colour) => {
    expect(describePixels(pixels, SIZE).dominantColour).toBe(colour);
  });
});

describe("the ThumbHash", () => {
  it("is the picture, blurred", () => {
    const { thumbHash } = describePixels(
      draw((x) => (x < 20 ? RED : BLUE)),
      SIZE,
    );
    expect(thumbHash.length).toBeLessThanOrEqual(40);
    const { w, h, rgba } = thumbHashToRGBA(Uint8Array.from(atob(thumbHash), (char) => char.charCodeAt(0)));
    const middleRow = Math.floor(h / 2) * w;
    const [leftRed = 0, , leftBlue = 0] = rgba.subarray((middleRow + 2) * 4);
    const [rightRed = 0, , rightBlue = 0] = rgba.subarray((middleRow + w - 3) * 4);
    expect(leftRed).toBeGreaterThan(leftBlue);
    expect(rightBlue).toBeGreaterThan(rightRed);
  });

  it.each([
    [1920, 1440, 100, 75],
    [480, 480, 100, 100],
    [64, 48, 64, 48],
    [1, 480, 1, 100],
    [1, 1, 1, 1],
  ])("of %i × %i pixels looks at %i × %i", (width, height, wide, high) => {
    expect(placeholderSize({ width, height })).toEqual({ width: wide, height: high });
  });

  it.each([
    [1, 1],
    [1, 100],
    [100, 1],
  ])("is there for a picture of %i × %i pixels too", (width, height) => {
    const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
    const { thumbHash } = describePixels(pixels, { width, height });
    expect(thumbHashToRGBA(Uint8Array.from(atob(thumbHash), (char) => char.charCodeAt(0))).rgba.length).toBeGreaterThan(
      0,
    );
  });
});
