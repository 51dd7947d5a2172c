import type { StoredVariant } from "../../../shared/contracts/rpc.ts";
import { admit } from "../../../shared/image-header/admission.ts";
import type { ImageHeader, Orientation } from "../../../shared/image-header/header.ts";
import { sniff } from "../../../shared/image-header/sniff.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";
import type { Codec } from "./codecs/codec.ts";
import { freePixels, type Pixels } from "./codecs/pixels.ts";
import { planVariants, type Step } from "./plan.ts";

/** Why a file will never have variants, however often one tries. */
export type BadImage = "undecodable_image" | "unsupported_image" | "image_too_large";

/** Takes one finished variant over, before the next is made. */
type Store<Refusal extends string> = (variant: StoredVariant, bytes: Uint8Array) => Promise<Result<null, Refusal>>;

/** Decoded pictures that a later step still needs. The only place that holds pixels: what leaves it can be freed. */
type Pictures = Map<Step["from"], Pixels>;

/**
 * Makes every variant of an original and stores each as soon as it is made: header → admission → decode →
 * (resize → orient → encode → store) from the largest to the smallest.
 * Ends with the first refusal, be it the file's fault or the store's.
 */
export async function runPipeline<Refusal extends string>(
  codec: Codec,
  original: Uint8Array,
  store: Store<Refusal>,
): Promise<Result<null, BadImage | Refusal>> {
  const header = readHeader(original);
  if (!header.ok) return header;

  const pictures: Pictures = new Map();
  try {
    const decoded = await decodeInto(pictures, codec, original, header.value);
    return decoded.ok ? await makeVariants(codec, pictures, header.value, store) : decoded;
  } finally {
    forgetUnneeded(pictures, []);
  }
}

async function makeVariants<Refusal extends string>(
  codec: Codec,
  pictures: Pictures,
  header: ImageHeader,
  store: Store<Refusal>,
): Promise<Result<null, Refusal>> {
  const steps = planVariants(header);
  let encoded: Uint8Array = new Uint8Array();
  for (const [index, step] of steps.entries()) {
    const base = pictures.get(step.from);
    if (base === undefined) throw new Error(`the plan makes ${step.name} from ${step.from}, which is gone`);
    const picture = await makePicture(codec, base, step, header.orientation);
    pictures.set(step.name, picture);
    // A small source gives the same picture for several names: it is encoded once.
    const isSame = step.from !== "source" && picture === base;
    if (!isSame) encoded = await codec.encodeWebp(picture);

    forgetUnneeded(pictures, steps.slice(index + 1));
    const { name, width, height } = step;
    const stored = await store({ name, width, height, mimeType: "image/webp" }, encoded);
    if (!stored.ok) return stored;
  }
  return ok(null);
}

/** The whole file is read, not its head: a WebP's orientation stands behind its pixels. */
function readHeader(original: Uint8Array): Result<ImageHeader, BadImage> {
  const { image } = sniff(original);
  if (image === null) return fail("undecodable_image", "The file is damaged: its header cannot be read.");
  const admitted = admit(image);
  return admitted.ok ? ok(image) : admitted;
}

async function decodeInto(pictures: Pictures, codec: Codec, original: Uint8Array, header: ImageHeader) {
  const decoded = await codec.decode(original, header);
  if (!decoded.ok) return decoded;
  pictures.set("source", decoded.value);
  return ok(null);
}

/** Only what is made from the source must be turned: it is cheaper to turn a variant than the photo. */
async function makePicture(codec: Codec, base: Pixels, step: Step, orientation: Orientation): Promise<Pixels> {
  if (step.from !== "source") return codec.resize(base, step.crop, step.width, step.height);
  const isTurned = orientation >= 5;
  const width = isTurned ? step.height : step.width;
  const height = isTurned ? step.width : step.height;
  const resized = await codec.resize(base, step.crop, width, height);
  const upright = codec.orient(resized, orientation);
  if (resized !== upright && resized !== base) freePixels(resized);
  return upright;
}

/** Frees what no remaining step is made from. One picture may go by several names. */
function forgetUnneeded(pictures: Pictures, remaining: Step[]): void {
  for (const [name, picture] of pictures) {
    if (remaining.some((step) => step.from === name)) continue;
    pictures.delete(name);
    if (![...pictures.values()].includes(picture)) freePixels(picture);
  }
}
