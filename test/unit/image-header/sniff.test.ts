import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { displayedSize } from "../../../shared/image-header/header.ts";
import { HEADER_BYTES, sniff } from "../../../shared/image-header/sniff.ts";
import { animation } from "../../worker/resizer/webp-writer.ts";

const WIDTH = 64;
const HEIGHT = 40;

function picture(channels: 3 | 4 = 3) {
  const background = channels === 3 ? { r: 200, g: 80, b: 20 } : { r: 200, g: 80, b: 20, alpha: 0.5 };
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels, background } });
}

const ascii = (text: string) => new TextEncoder().encode(text);
const head = (file: Uint8Array) => file.subarray(0, HEADER_BYTES);

/** An ISO media file's first box. */
function brandBox(major: string, ...compatible: string[]): Uint8Array {
  const length = 16 + compatible.length * 4;
  return ascii(`\0\0\0${String.fromCharCode(length)}ftyp${major}\0\0\0\0${compatible.join("")}`);
}

describe("JPEG headers", () => {
  it("reads a baseline photo", async () => {
    const kind = sniff(head(await picture().jpeg().toBuffer()));
    expect(kind).toEqual({
      mimeType: "image/jpeg",
      image: {
        format: "jpeg",
        width: WIDTH,
        height: HEIGHT,
        orientation: 1,
        progressive: false,
        components: 3,
        samplesPerPixel: 1.5,
        lossless: false,
        bitDepth: 8,
        alpha: false,
        animated: false,
      },
      unsupportedImage: null,
      incomplete: false,
    });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("reads EXIF orientation %i", async (orientation) => {
    const { image } = sniff(await picture().withMetadata({ orientation }).jpeg().toBuffer());
    expect(image?.orientation).toBe(orientation);
    const upright = orientation < 5 ? { width: WIDTH, height: HEIGHT } : { width: HEIGHT, height: WIDTH };
    expect(displayedSize(image!)).toEqual(upright);
  });

  it("tells progressive, grey and CMYK photos", async () => {
    const progressive = await picture().jpeg({ progressive: true }).toBuffer();
    const grey = await picture().toColourspace("b-w").jpeg().toBuffer();
    const cmyk = await picture().toColourspace("cmyk").jpeg().toBuffer();
    expect(sniff(progressive).image?.progressive).toBe(true);
    expect(sniff(grey).image?.components).toBe(1);
    expect(sniff(cmyk).image?.components).toBe(4);
  });

  it("asks for more when segments push the size beyond the first 64 KiB", async () => {
    const photo = await picture().jpeg().toBuffer();
    const filler = new Uint8Array(65_535 + 2);
    filler.set([0xff, 0xe2, 0xff, 0xff]);
    const long = new Uint8Array([...photo.subarray(0, 2), ...filler, ...photo.subarray(2)]);
    expect(sniff(head(long))).toMatchObject({ mimeType: "image/jpeg", image: null, incomplete: true });
    expect(sniff(long).image).toMatchObject({ width: WIDTH, height: HEIGHT });
  });

  it("gives no header for one that is cut off or garbled, and asks for nothing more", async () => {
    const photo = await picture().jpeg().toBuffer();
    const garbled = Uint8Array.from(photo);
    garbled[2] = 0xff;
    garbled[3] = 0xda;
    for (const broken of [photo.subarray(0, 30), garbled]) {
      expect(sniff(broken)).toMatchObject({ mimeType: "image/jpeg", image: null, incomplete: false });
    }
  });

  it("ignores an EXIF block whose entries point nowhere", async () => {
    const photo = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const at = photo.indexOf("Exif");
    photo.writeUInt32LE(0xffff_fff0, at + 6 + 4);
    expect(sniff(photo).image).toMatchObject({ width: WIDTH, orientation: 1 });
  });
});

describe("PNG headers", () => {
  it("reads colour, alpha, grey, palette and 16 bits", async () => {
    const colour = await picture().png().toBuffer();
    const alpha = await picture(4).png().toBuffer();
    const grey = await picture().toColourspace("b-w").png().toBuffer();
    const palette = await picture().png({ palette: true }).toBuffer();
    const deep = await picture().toColourspace("rgb16").png().toBuffer();
    expect(sniff(colour).image).toMatchObject({
      format: "png",
      width: WIDTH,
      height: HEIGHT,
      components: 3,
      alpha: false,
    });
    expect(sniff(alpha).image).toMatchObject({ components: 4, alpha: true });
    expect(sniff(grey).image).toMatchObject({ components: 1 });
    expect(sniff(palette).image).toMatchObject({ components: 1 });
    expect(sniff(deep).image).toMatchObject({ bitDepth: 16 });
  });

  it("tells an interlaced one", async () => {
    const interlaced = await picture().png({ progressive: true }).toBuffer();
    expect(sniff(interlaced).image?.progressive).toBe(true);
  });

  it("reads the orientation of an eXIf chunk", async () => {
    const turned = await picture().withMetadata({ orientation: 8 }).png().toBuffer();
    expect(sniff(turned).image?.orientation).toBe(8);
  });

  it("gives no header for an impossible one", async () => {
    const png = await picture().png().toBuffer();
    const noWidth = Uint8Array.from(png);
    noWidth.fill(0, 16, 20);
    const noSuchColour = Uint8Array.from(png);
    noSuchColour[25] = 5;
    for (const broken of [noWidth, noSuchColour, png.subarray(0, 20)]) {
      expect(sniff(broken)).toMatchObject({ mimeType: "image/png", image: null, incomplete: false });
    }
  });
});

describe("WebP headers", () => {
  it("reads lossy, lossless and alpha", async () => {
    const lossy = await picture().webp().toBuffer();
    const lossless = await picture().webp({ lossless: true }).toBuffer();
    const alpha = await picture(4).webp().toBuffer();
    expect(sniff(lossy).image).toMatchObject({ format: "webp", width: WIDTH, height: HEIGHT, alpha: false });
    expect(sniff(lossless).image).toMatchObject({ width: WIDTH, height: HEIGHT });
    expect(sniff(alpha).image).toMatchObject({ width: WIDTH, height: HEIGHT, alpha: true });
  });

  it("reads the orientation behind the pixels", async () => {
    const turned = await picture().withMetadata({ orientation: 5 }).webp().toBuffer();
    expect(sniff(turned).image?.orientation).toBe(5);
  });

  it("tells an animated one", async () => {
    const frames = await sharp(Buffer.alloc(16 * 32 * 3, 90).fill(200, 0, 700), {
      raw: { width: 16, height: 32, channels: 3, pageHeight: 16 },
    })
      .webp({ loop: 0, delay: [100, 100] })
      .toBuffer();
    expect(sniff(frames).image).toMatchObject({ width: 16, height: 16, animated: true });
  });

  it("tells of an animation whether its first frame is lossless and covers the canvas", async () => {
    const lossy = { left: 0, top: 0, width: WIDTH, height: HEIGHT, still: await picture().webp().toBuffer() };
    const lossless = { ...lossy, still: await picture().webp({ lossless: true }).toBuffer() };
    const canvas = { width: WIDTH, height: HEIGHT };
    expect(sniff(animation(canvas, [lossy, lossless])).image).toMatchObject({ lossless: false, alpha: false });
    expect(sniff(animation(canvas, [lossless, lossy])).image).toMatchObject({ lossless: true, alpha: false });
    const wider = { width: WIDTH + 2, height: HEIGHT };
    expect(sniff(animation(wider, [lossy])).image).toMatchObject({ ...wider, alpha: true, animated: true });
  });

  it("takes for lossless what may be, until the pixels or their alpha are at hand", async () => {
    const file = await picture(4).withMetadata({ orientation: 6 }).webp().toBuffer();
    expect(sniff(file).image).toMatchObject({ lossless: false });
    expect(sniff(file.subarray(0, file.indexOf("VP8 "))).image).toMatchObject({ lossless: false });
    expect(sniff(file.subarray(0, file.indexOf("ALPH"))).image).toMatchObject({ lossless: true });
  });
});

describe("other files", () => {
  it.each([
    ["image/gif", "gif", ascii("GIF89a......")],
    ["image/avif", "avif", brandBox("avif", "mif1")],
    ["image/avif", "avif", brandBox("mif1", "miaf", "avif")],
    ["image/heic", "heic", brandBox("heic", "mif1")],
    ["application/pdf", null, ascii("%PDF-1.7\n")],
    ["application/zip", null, ascii("PK\x03\x04....")],
    ["video/mp4", null, brandBox("isom", "mp42")],
    ["text/plain", null, ascii("Grüße, Welt\n")],
    ["text/plain", null, ascii("<script>alert(1)</script>")],
    ["text/plain", null, ascii("Grüß").subarray(0, 3)],
    ["application/octet-stream", null, Uint8Array.from([1, 2, 3, 0xff])],
    ["application/octet-stream", null, Uint8Array.from([0x61, 0xe9, 0x61])],
    ["application/octet-stream", null, new Uint8Array()],
  ] as const)("recognises %s (%s)", (mimeType, unsupportedImage, file) => {
    expect(sniff(file)).toEqual({ mimeType, image: null, unsupportedImage, incomplete: false });
  });
});
