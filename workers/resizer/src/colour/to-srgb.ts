import type { Curve } from "./curve.ts";
import type { Profile } from "./profile.ts";

/** XYZ under D50 to linear sRGB: the inverse of the sRGB profile's own primaries (IEC 61966-2-1, adapted by Bradford). */
const XYZ_TO_SRGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];

/** Fine enough that the steepest part of the sRGB curve, near black, is met to a quarter of a step. */
const LIGHT_STEPS = 16_384;

/** Profiles nearer to sRGB than this are sRGB by another name, as most photos carry one. */
const SAME_MATRIX = 0.01;
const SAME_LIGHT = 0.005;

/**
 * Turns the colours of a picture into sRGB, in place. Colours that sRGB does not have become the nearest on each
 * channel. Transparency stays. Does nothing for a profile that is sRGB.
 * @param pixels RGBA
 */
export function toSrgb(pixels: Uint8ClampedArray, profile: Profile): void {
  const matrix = product(XYZ_TO_SRGB, profile.toXyz);
  if (isSrgb(matrix, profile.curves)) return;
  const [reds, greens, blues] = profile.curves;
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = flattened(matrix);
  const shades = shadesOfLight();
  for (let at = 0; at < pixels.length; at += 4) {
    const red = reds[pixels[at] ?? 0] ?? 0;
    const green = greens[pixels[at + 1] ?? 0] ?? 0;
    const blue = blues[pixels[at + 2] ?? 0] ?? 0;
    pixels[at] = shadeOf(shades, rr * red + rg * green + rb * blue);
    pixels[at + 1] = shadeOf(shades, gr * red + gg * green + gb * blue);
    pixels[at + 2] = shadeOf(shades, br * red + bg * green + bb * blue);
  }
}

function product(left: number[][], right: number[][]): number[][] {
  return left.map((row) =>
    [0, 1, 2].map((column) => row.reduce((sum, factor, i) => sum + factor * (right[i]?.[column] ?? 0), 0)),
  );
}

type Nine = [number, number, number, number, number, number, number, number, number];

/** Nine plain numbers: the loop over millions of pixels must not look into arrays of arrays. */
function flattened(matrix: number[][]): Nine {
  const at = (row: number, column: number) => matrix[row]?.[column] ?? 0;
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)];
}

function isSrgb(matrix: number[][], curves: Curve[]): boolean {
  const isIdentity = matrix.every((row, i) =>
    row.every((factor, j) => Math.abs(factor - (i === j ? 1 : 0)) < SAME_MATRIX),
  );
  return (
    isIdentity && curves.every((curve) => curve.every((light, i) => Math.abs(light - srgbLight(i / 255)) < SAME_LIGHT))
  );
}

/** The curve of IEC 61966-2-1 and its inverse. */
function srgbLight(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function srgbValue(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

function shadesOfLight(): Uint8Array {
  return Uint8Array.from({ length: LIGHT_STEPS + 1 }, (_, i) => Math.round(255 * srgbValue(i / LIGHT_STEPS)));
}

function shadeOf(shades: Uint8Array, light: number): number {
  const step = light <= 0 ? 0 : light >= 1 ? LIGHT_STEPS : Math.round(light * LIGHT_STEPS);
  return shades[step] ?? 0;
}
