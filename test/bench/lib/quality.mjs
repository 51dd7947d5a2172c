// How near a variant is to what a full decode and one Lanczos step make of the photo.

import sharp from "sharp";
import { VARIANTS } from "../../../shared/contracts/variants.ts";

/** Rec. 601, the weights that JPEG's own luma has. */
const LUMA = [0.299, 0.587, 0.114];
/** Windows of SSIM and the step between them, in pixels. */
const WINDOW = 8;
const STEP = 4;
/** The constants of Wang et al. 2004 for 8 bits: (0.01 × 255)² and (0.03 × 255)². */
const C1 = 6.5025;
const C2 = 58.5225;

/**
 * @param {Buffer} photo
 * @param {Record<string, Buffer>} variants by name
 * @returns {Promise<Record<string, { psnr: number, ssim: number }>>} PSNR in dB over RGB; SSIM of luma
 */
export async function qualityOf(photo, variants) {
  const options = { limitInputPixels: false };
  const decoded = await sharp(photo, options).autoOrient().removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const result = {};
  for (const [name, file] of Object.entries(variants)) {
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const fit = VARIANTS[name].fit === "cover" ? "cover" : "fill";
    const reference = await sharp(decoded.data, { raw: decoded.info, ...options })
      .resize(info.width, info.height, { fit, kernel: "lanczos3" })
      .raw()
      .toBuffer();
    result[name] = { psnr: psnr(data, reference), ssim: ssim(luma(data), luma(reference), info.width, info.height) };
  }
  return result;
}

function psnr(one, other) {
  let squares = 0;
  for (let at = 0; at < one.length; at++) squares += (one[at] - other[at]) ** 2;
  return 10 * Math.log10(255 ** 2 / (squares / one.length));
}

function luma(rgb) {
  const grey = new Float32Array(rgb.length / 3);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    grey[pixel] = rgb[pixel * 3] * LUMA[0] + rgb[pixel * 3 + 1] * LUMA[1] + rgb[pixel * 3 + 2] * LUMA[2];
  }
  return grey;
}

/** The mean over all windows of the structural similarity of two grey pictures, 1 when they are equal. */
function ssim(one, other, width, height) {
  let sum = 0;
  let windows = 0;
  for (let top = 0; top + WINDOW <= height; top += STEP) {
    for (let left = 0; left + WINDOW <= width; left += STEP) {
      sum += ssimOfWindow(one, other, top * width + left, width);
      windows += 1;
    }
  }
  return sum / windows;
}

function ssimOfWindow(one, other, start, width) {
  const count = WINDOW * WINDOW;
  let sumA = 0;
  let sumB = 0;
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  for (let row = 0; row < WINDOW; row++) {
    for (let at = start + row * width; at < start + row * width + WINDOW; at++) {
      const a = one[at];
      const b = other[at];
      sumA += a;
      sumB += b;
      squaresA += a * a;
      squaresB += b * b;
      products += a * b;
    }
  }
  const meanA = sumA / count;
  const meanB = sumB / count;
  const varianceA = squaresA / count - meanA * meanA;
  const varianceB = squaresB / count - meanB * meanB;
  const covariance = products / count - meanA * meanB;
  const likeness = (2 * meanA * meanB + C1) * (2 * covariance + C2);
  return likeness / ((meanA ** 2 + meanB ** 2 + C1) * (varianceA + varianceB + C2));
}
