import sharp from "sharp";
import { psnrOf } from "../../support/psnr.ts";

/** How a picture should look at a size, by an independent implementation: full decode, Lanczos. RGB bytes. */
async function reference(photo: Buffer, width: number, height: number): Promise<Buffer> {
  return sharp(photo)
    .rotate()
    .resize(width, height, { fit: "cover", kernel: "lanczos3" })
    .removeAlpha()
    .raw()
    .toBuffer();
}

/**
 * Peak signal-to-noise ratio of a picture against the photo it was made from, in decibels; higher is nearer.
 * Both are decoded by libvips, which shares no code with the product.
 */
export async function psnr(picture: Buffer, photo: Buffer): Promise<number> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const wanted = await reference(photo, info.width, info.height);
  return psnrOf(data, wanted);
}
