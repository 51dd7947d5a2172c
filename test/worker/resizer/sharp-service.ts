import sharp, { type Sharp } from "sharp";
import { randomNumbers } from "../../random.ts";
import { psnrOf } from "../../support/psnr.ts";
import { type DrawnPng, drawPng } from "./png-writer.ts";

/**
 * libvips behind a binding: the Worker under test has no native code, so the pictures it is given and the pictures it
 * is measured against come from here, in Node. It shares nothing with the codecs under test.
 */
export async function serveSharp(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  switch (pathname) {
    case "/photo":
      return bytes(await photo(searchParams));
    case "/see-through":
      return bytes(await seeThrough(searchParams));
    case "/drawn-png":
      return bytes(drawPng((await request.json()) as DrawnPng));
    case "/pixels":
      return pixels(Buffer.from(await request.arrayBuffer()));
    case "/psnr":
      return Response.json(await psnr(await request.formData()));
    default:
      return new Response(null, { status: 404 });
  }
}

function bytes(buffer: Buffer): Response {
  return new Response(new Uint8Array(buffer));
}

/** Coarse noise, so that no two places and no two orientations look alike: this many blurred cells each way. */
const GRAIN_CELLS = 24;
const SEED = 7;

function encode(picture: Sharp, query: URLSearchParams): Promise<Buffer> {
  const orientation = Number(query.get("orientation") ?? 1);
  const tagged = orientation === 1 ? picture : picture.withMetadata({ orientation });
  if (query.has("p3")) tagged.withIccProfile("p3");
  switch (query.get("format")) {
    case "png":
      return tagged
        .png({ palette: query.has("palette"), effort: 1, dither: 0, progressive: query.has("progressive") })
        .toBuffer();
    case "webp":
      return tagged.webp({ quality: 95, lossless: query.has("lossless") }).toBuffer();
    default:
      return tagged
        .jpeg({
          quality: 95,
          progressive: query.has("progressive"),
          chromaSubsampling: query.has("full-chroma") ? "4:4:4" : "4:2:0",
        })
        .toBuffer();
  }
}

/** The pictures that were drawn already, by their size: drawing one of 12 megapixels takes seconds. */
const drawn = new Map<string, Buffer>();

/** Something like a photo, as RGB: soft areas, all colours, an edge here and there. */
async function draw(width: number, height: number): Promise<Buffer> {
  const known = drawn.get(`${width}x${height}`);
  if (known !== undefined) return known;
  const grain = { width: GRAIN_CELLS, height: GRAIN_CELLS, channels: 3 } as const;
  const noise = Buffer.alloc(grain.width * grain.height * 3);
  let state = SEED;
  for (let i = 0; i < noise.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    noise[i] = 40 + ((state >>> 16) % 160);
  }
  const soft = await sharp(noise, { raw: grain })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer();
  const edge = Buffer.from(
    `<svg width="${width}" height="${height}"><circle cx="30%" cy="25%" r="12%" fill="#d33"/>` +
      `<rect x="60%" y="70%" width="30%" height="9%" fill="#124"/></svg>`,
  );
  const picture = await sharp(soft, { raw: { width, height, channels: 3 } })
    .composite([{ input: edge }])
    .removeAlpha()
    .raw()
    .toBuffer();
  drawn.set(`${width}x${height}`, picture);
  return picture;
}

/** What no encoder can make small. */
function pureNoise(length: number): Buffer {
  const below = randomNumbers(SEED);
  return Buffer.from(Uint8Array.from({ length }, () => below(256)));
}

async function photo(query: URLSearchParams): Promise<Buffer> {
  const width = Number(query.get("width"));
  const height = Number(query.get("height"));
  const pixels = query.has("noise") ? pureNoise(width * height * 3) : await draw(width, height);
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
  if (query.has("grey")) picture.toColourspace("b-w");
  if (query.has("cmyk")) picture.toColourspace("cmyk");
  if (query.has("deep")) picture.toColourspace("rgb16");
  return encode(picture, query);
}

/** The left half is nothing at all over a loud colour, the right half is opaque. */
async function seeThrough(query: URLSearchParams): Promise<Buffer> {
  const width = Number(query.get("width"));
  const height = Number(query.get("height"));
  const data = Buffer.alloc(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const colour = i % width < width / 2 ? [0, 255, 0, 0] : [200, 30, 60, 255];
    data.set(colour, i * 4);
  }
  return encode(sharp(data, { raw: { width, height, channels: 4 } }), query);
}

async function pixels(file: Buffer): Promise<Response> {
  const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return new Response(new Uint8Array(data), {
    headers: { "X-Width": String(info.width), "X-Height": String(info.height) },
  });
}

/** What lies behind transparent pictures when they are compared. */
const MIDDLE_GREY = "#808080";

/** Peak signal-to-noise ratio in dB of a variant against libvips' own upright Lanczos resize of the original. */
async function psnr(form: FormData) {
  const original = await part(form, "original");
  const variant = await part(form, "variant");
  const { data, info } = await sharp(variant)
    .flatten({ background: MIDDLE_GREY })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const fit = form.get("fit") === "cover" ? "cover" : "fill";
  const upright = await withoutInks(sharp(original).autoOrient());
  const reference = await upright
    .resize(info.width, info.height, { fit, kernel: "lanczos3", fastShrinkOnLoad: false })
    .flatten({ background: MIDDLE_GREY })
    .toColourspace("srgb")
    .raw()
    .toBuffer();
  return { width: info.width, height: info.height, psnr: psnrOf(data, reference) };
}

/**
 * Print colours without a profile are turned to RGB by the plain formula, as browsers do it. libvips would assume the
 * profile of some printing press.
 */
async function withoutInks(picture: Sharp): Promise<Sharp> {
  const { space } = await picture.metadata();
  if (space !== "cmyk") return picture;
  const inks = picture.pipelineColourspace("cmyk").toColourspace("cmyk").raw();
  const { data, info } = await inks.toBuffer({ resolveWithObject: true });
  const rgb = Buffer.alloc(info.width * info.height * 3);
  for (let pixel = 0; pixel < info.width * info.height; pixel++) {
    const light = 255 - (data[pixel * 4 + 3] ?? 0);
    for (let ink = 0; ink < 3; ink++) {
      rgb[pixel * 3 + ink] = Math.round(((255 - (data[pixel * 4 + ink] ?? 0)) * light) / 255);
    }
  }
  return sharp(rgb, { raw: { width: info.width, height: info.height, channels: 3 } });
}

async function part(form: FormData, name: string): Promise<Buffer> {
  const value = form.get(name);
  if (!(value instanceof Blob)) throw new Error(`${name} is missing`);
  return Buffer.from(await value.arrayBuffer());
}
