import type { StoredVariant } from "../../../shared/contracts/rpc.ts";
import { VARIANT_FORMATS, type VariantFormat } from "../../../shared/contracts/variants.ts";
import type { ImageHeader } from "../../../shared/image-header/header.ts";
import { ok, type Result } from "../../../shared/result.ts";
import type { BadImage } from "./codecs/bad-image.ts";
import type { Workbench } from "./codecs/codec.ts";
import type { Picture } from "./codecs/picture.ts";
import { planVariants, type Step } from "./plan.ts";

/** An original on its way in. */
export interface Arriving {
  stream: ReadableStream<Uint8Array>;
  /** Its length, as its row says. */
  bytes: number;
}

/** Takes one finished variant over, before the next is made. */
type Store<Refusal extends string> = (variant: StoredVariant, bytes: Uint8Array) => Promise<Result<null, Refusal>>;

/** Pictures that a later step still needs. */
type Pictures = Map<Step["from"], Picture>;

/**
 * Makes every variant of an original and stores each as soon as it is made: decode and scale → orient →
 * (resize → encode → store) from the largest to the smallest.
 * Ends with the first refusal, be it the file's fault or the store's.
 */
export async function runPipeline<Refusal extends string>(
  bench: Workbench,
  original: Arriving,
  format: VariantFormat,
  store: Store<Refusal>,
): Promise<Result<null, BadImage | Refusal>> {
  const decoded = await bench.decode(original.stream, original.bytes);
  if (!decoded.ok) return decoded;
  const { header, picture } = decoded.value;
  const pictures: Pictures = new Map([["source", bench.orient(picture, header.orientation)]]);
  return makeVariants(bench, pictures, header, VARIANT_FORMATS[format].mimeType, store);
}

async function makeVariants<Refusal extends string>(
  bench: Workbench,
  pictures: Pictures,
  header: ImageHeader,
  mimeType: string,
  store: Store<Refusal>,
): Promise<Result<null, Refusal>> {
  const steps = planVariants(header);
  let encodedPicture: Picture | null = null;
  let encoded: Uint8Array = new Uint8Array();
  for (const [index, step] of steps.entries()) {
    const { name, width, height } = step;
    const base = pictures.get(step.from);
    if (base === undefined) throw new Error(`the plan makes ${name} from ${step.from}, which is gone`);
    const picture = await bench.resize(base, step.crop, { width, height });
    pictures.set(name, picture);
    // A small source gives the same picture for several names: it is encoded once.
    if (picture !== encodedPicture) encoded = await bench.encode(picture);
    encodedPicture = picture;

    freeUnneeded(bench, pictures, steps.slice(index + 1));
    const stored = await store({ name, width, height, mimeType }, encoded);
    if (!stored.ok) return stored;
  }
  return ok(null);
}

/** Frees what no remaining step is made from. One picture may go by several names. */
function freeUnneeded(bench: Workbench, pictures: Pictures, remaining: Step[]): void {
  for (const [name, picture] of pictures) {
    if (remaining.some((step) => step.from === name)) continue;
    pictures.delete(name);
    if (![...pictures.values()].includes(picture)) bench.free(picture);
  }
}
