import { env } from "cloudflare:workers";
import type { DrawnPng } from "./png-writer.ts";

interface PictureOptions {
  width: number;
  height: number;
  format?: "jpeg" | "png" | "webp";
  orientation?: number;
  /** Further properties that the encoder knows: progressive, grey, palette … */
  as?: string[];
}

async function ask(path: string, body?: BodyInit): Promise<Response> {
  const { SHARP } = env as unknown as { SHARP: Fetcher };
  const response = await SHARP.fetch(`http://sharp${path}`, body === undefined ? {} : { method: "POST", body });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response;
}

function search({ as = [], ...options }: PictureOptions): string {
  const query = new URLSearchParams(Object.entries(options).map(([name, value]) => [name, String(value)]));
  for (const property of as) query.set(property, "");
  return query.toString();
}

/** A file of something like a photo, encoded by libvips. */
export async function photo(options: PictureOptions): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(`/photo?${search(options)}`)).arrayBuffer());
}

/** A file whose left half is transparent and whose right half is opaque red. */
export async function seeThrough(options: PictureOptions): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(`/see-through?${search(options)}`)).arrayBuffer());
}

/** A PNG of any colour type and depth, its rows filtered in all five ways. */
export async function drawnPng(options: DrawnPng): Promise<Uint8Array> {
  return new Uint8Array(await (await ask("/drawn-png", JSON.stringify(options))).arrayBuffer());
}

/** RGBA of a file, decoded by libvips. */
export async function pixelsOf(file: Uint8Array) {
  const response = await ask("/pixels", file);
  const width = Number(response.headers.get("X-Width"));
  const height = Number(response.headers.get("X-Height"));
  return { width, height, data: new Uint8Array(await response.arrayBuffer()) };
}

/** How close a variant is to libvips' own upright resize of the original, and its size in pixels. */
export async function compare(original: Uint8Array, variant: Uint8Array, fit: "inside" | "cover") {
  const form = new FormData();
  form.set("original", new Blob([original]));
  form.set("variant", new Blob([variant]));
  form.set("fit", fit);
  return (await ask("/psnr", form)).json<{ width: number; height: number; psnr: number }>();
}
