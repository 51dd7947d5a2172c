import type { Placeholder, StoredVariant } from "../../../shared/contracts/rpc.ts";
import type { VariantFormat, VariantName } from "../../../shared/contracts/variants.ts";
import type { ImageHeader } from "../../../shared/image-header/header.ts";
import { ok, type Result } from "../../../shared/result.ts";
import type { BadImage } from "./codecs/bad-image.ts";
import type { Workbench } from "./codecs/codec.ts";
import type { Picture } from "./codecs/picture.ts";
import { describePixels, placeholderSize } from "./placeholder.ts";
import { planVariants, type Step } from "./plan.ts";

/** An original on its way in. */
export interface Arriving {
  stream: ReadableStream<Uint8Array>;
  /** Its length, as its row says. */
  bytes: number;
}

/** Takes one finished variant over, before the next is encoded. */
type Store<Refusal extends string> = (variant: StoredVariant, bytes: Uint8Array) => Promise<Result<null, Refusal>>;

/** A variant's picture, which may be another's too: a small source gives the same one for several names. */
interface Made {
  name: VariantName;
  picture: Picture;
}

/**
 * Makes every variant of an original in every format, and stores each as soon as it is encoded: decode and scale →
 * orient → resize, from the largest to the smallest → (encode → store), one format after the other.
 * Ends with the first refusal, be it the file's fault or the store's.
 * @returns what stands in for the picture while it loads
 */
export async function runPipeline<Refusal extends string>(
  bench: Workbench,
  original: Arriving,
  formats: VariantFormat[],
  store: Store<Refusal>,
): Promise<Result<Placeholder, BadImage | Refusal>> {
  const decoded = await bench.decode(original.stream, original.bytes);
  if (!decoded.ok) return decoded;
  const { header, picture } = decoded.value;
  const variants = await makeVariants(bench, bench.orient(picture, header.orientation), header);
  const placeholder = await makePlaceholder(bench, variants);
  for (const format of formats) {
    const stored = await storeVariants(bench, variants, format, store);
    if (!stored.ok) return stored;
  }
  freeAll(bench, variants);
  return ok(placeholder);
}

/** Largest first. They stay until the last format is made: together they are little larger than the largest. */
async function makeVariants(bench: Workbench, source: Picture, header: ImageHeader): Promise<Made[]> {
  const pictures = new Map<Step["from"], Picture>([["source", source]]);
  const variants: Made[] = [];
  for (const { name, from, crop, width, height } of planVariants(header)) {
    const base = pictures.get(from);
    if (base === undefined) throw new Error(`the plan makes ${name} from ${from}, which is not made`);
    const picture = await bench.resize(base, crop, { width, height });
    pictures.set(name, picture);
    variants.push({ name, picture });
  }
  const isVariant = variants.some(({ picture }) => picture === source);
  if (!isVariant) bench.free(source);
  return variants;
}

async function storeVariants<Refusal extends string>(
  bench: Workbench,
  variants: Made[],
  format: VariantFormat,
  store: Store<Refusal>,
): Promise<Result<null, Refusal>> {
  let encodedPicture: Picture | null = null;
  let encoded: Uint8Array = new Uint8Array();
  for (const { name, picture } of variants) {
    if (picture !== encodedPicture) encoded = await bench.encode(picture, format);
    encodedPicture = picture;
    const { width, height } = picture;
    const stored = await store({ name, format, width, height }, encoded);
    if (!stored.ok) return stored;
  }
  return ok(null);
}

/** Of the smallest size that shows the whole picture: the thumbnail is cropped. */
async function makePlaceholder(bench: Workbench, variants: Made[]): Promise<Placeholder> {
  const small = variants.find(({ name }) => name === "small");
  if (small === undefined) throw new Error("the plan makes no small");
  const size = placeholderSize(small.picture);
  const picture = await bench.resize(small.picture, null, size);
  const placeholder = describePixels(bench.read(picture), size);
  if (picture !== small.picture) bench.free(picture);
  return placeholder;
}

function freeAll(bench: Workbench, variants: Made[]): void {
  for (const picture of new Set(variants.map((variant) => variant.picture))) bench.free(picture);
}
