// The pictures that are measured, made once and kept: the same bytes on every machine with the same libvips.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { seededRandom } from "../../random.ts";
import { makePhoto } from "../../system/support/photo.ts";

/** What phones make: 4:3. Pixels. */
export const SIZES = {
  3: { width: 2048, height: 1536 },
  12: { width: 4032, height: 3024 },
  16: { width: 4608, height: 3456 },
  24: { width: 5712, height: 4284 },
  48: { width: 8064, height: 6048 },
  100: { width: 11_648, height: 8736 },
  200: { width: 16_320, height: 12_240 },
};

const SEED = 20_260_918;
/** Photos have detail at every scale, with a swing that grows with the scale: pixels per cell, swing in grey levels. */
const TEXTURE = [
  [1, 10],
  [2, 14],
  [4, 18],
  [12, 24],
  [48, 30],
];
/** What phones use, about: a 12-megapixel photo comes to 3 MB. */
const JPEG_QUALITY = 88;
const WEBP_QUALITY = 90;

/**
 * @param {string} folder where they are kept
 * @returns a function that gives a photo by its megapixels and kind
 */
export function photoShelf(folder) {
  mkdirSync(folder, { recursive: true });
  return async (megapixels, kind = "jpeg") => {
    const file = join(folder, `${megapixels}-${kind}`);
    if (!existsSync(file)) writeFileSync(file, await make(folder, megapixels, kind));
    return readFileSync(file);
  };
}

async function make(folder, megapixels, kind) {
  const { width, height } = SIZES[megapixels];
  const source = await sourcePhoto(folder);
  const picture = sharp(source, { limitInputPixels: false }).resize(width, height, { fit: "fill" });
  switch (kind) {
    case "png":
      return picture.png().toBuffer();
    case "webp":
      return picture.webp({ quality: WEBP_QUALITY }).toBuffer();
    default:
      return picture.jpeg({ quality: JPEG_QUALITY, progressive: kind === "progressive" }).toBuffer();
  }
}

/** The one picture that all the others are made from, 12 megapixels, without losses of its own. */
async function sourcePhoto(folder) {
  const file = join(folder, "source.png");
  if (!existsSync(file)) writeFileSync(file, await paintSource());
  return readFileSync(file);
}

async function paintSource() {
  const size = SIZES[12];
  const smooth = await makePhoto(size, SEED);
  const { data, info } = await sharp(smooth).raw().toBuffer({ resolveWithObject: true });
  for (const [index, [cell, swing]] of TEXTURE.entries()) {
    const noise = await grain(size, cell, SEED + index);
    for (let pixel = 0; pixel < noise.length; pixel++) {
      const change = ((noise[pixel] - 128) * swing) / 128;
      for (let at = pixel * 3; at < pixel * 3 + 3; at++) data[at] = Math.min(255, Math.max(0, data[at] + change));
    }
  }
  return sharp(data, { raw: info }).png({ compressionLevel: 1 }).toBuffer();
}

/** Grey noise of a certain coarseness, one byte per pixel. */
function grain({ width, height }, cell, seed) {
  const random = seededRandom(seed);
  const columns = Math.ceil(width / cell);
  const rows = Math.ceil(height / cell);
  const cells = Buffer.alloc(columns * rows);
  for (let at = 0; at < cells.length; at++) cells[at] = random() * 256;
  return sharp(cells, { raw: { width: columns, height: rows, channels: 1 } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .extractChannel(0)
    .raw()
    .toBuffer();
}
