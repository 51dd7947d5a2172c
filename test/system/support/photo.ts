import sharp from "sharp";
import { seededRandom } from "../../random.ts";

/** The camera of the source's own example (S2.43): 12 megapixels, 4:3. */
export const PHONE_PHOTO = { width: 4032, height: 3024 };

interface PhotoSize {
  width: number;
  height: number;
}

/**
 * A picture with what photos have: smooth gradients, hard edges at every scale, and sensor noise.
 * @returns RGB bytes, width × height × 3
 */
function paint({ width, height }: PhotoSize, seed: number): Buffer {
  const random = seededRandom(seed);
  const discs = Array.from({ length: 60 }, () => {
    const lightness = 40 + random() * 150;
    // Colours of real things are near grey; saturated edges would measure chroma subsampling and nothing else.
    const color = [0, 1, 2].map(() => lightness + (random() - 0.5) * 50);
    return { x: random() * width, y: random() * height, radius: (0.01 + random() * 0.12) * width, color };
  });
  const background = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      background[at] = (x / width) * 200 + 30;
      background[at + 1] = (y / height) * 180 + 40;
      background[at + 2] = 128 + 40 * Math.sin((x + y) / 200);
    }
  }
  for (const { x, y, radius, color } of discs) {
    for (let row = Math.max(0, Math.ceil(y - radius)); row < Math.min(height, y + radius); row++) {
      const half = Math.sqrt(Math.max(0, radius ** 2 - (row - y) ** 2));
      const from = Math.max(0, Math.ceil(x - half));
      const to = Math.min(width, Math.floor(x + half));
      for (let column = from; column < to; column++) {
        const at = (row * width + column) * 3;
        background[at] = color[0] ?? 0;
        background[at + 1] = color[1] ?? 0;
        background[at + 2] = color[2] ?? 0;
      }
    }
  }
  for (let at = 0; at < background.length; at++) background[at] = (background[at] ?? 0) + (random() - 0.5) * 10;
  return background;
}

/** A repeatable JPEG photo. Two seeds give two photos. */
export async function makePhoto(size: PhotoSize, seed = 1): Promise<Buffer> {
  const raw = { ...size, channels: 3 as const };
  return sharp(paint(size, seed), { raw }).jpeg({ quality: 88 }).toBuffer();
}
