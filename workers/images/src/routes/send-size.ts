import { VARIANT_FORMATS, type VariantName } from "../../../../shared/contracts/variants.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { chooseFormat, likingOf } from "../choose-format.ts";
import { sizeFileName } from "../disposition.ts";
import { ImagesRepo, type WholeImage } from "../images.repo.ts";
import { orderJpeg } from "../order-jpeg.ts";
import type { MadeSize, StoredFile } from "../schema.ts";
import { commitOf, type ImagesContext, originOf } from "./context.ts";
import { CACHE_FOR_OWNER, sendBytes } from "./send-bytes.ts";

/** A JPEG job takes about two seconds for a photo of a phone. */
const RETRY_AFTER_SECONDS = 3;

/** Answers with one size of an image in the format that the client takes. */
export async function sendSize(c: ImagesContext, whole: WholeImage, name: VariantName): Promise<Response> {
  const answer = await negotiate(c, whole, name);
  answer.headers.append("Vary", "Accept");
  return answer;
}

async function negotiate(c: ImagesContext, whole: WholeImage, name: VariantName): Promise<Response> {
  const { file, image } = whole;
  const variants = whole.variants.filter((variant) => variant.name === name);
  const [best] = variants;
  if (best === undefined) {
    return refuse(c, { code: "not_ready", detail: `This size is not made; the image is ${image.status}.` });
  }
  const accept = c.req.header("Accept");
  const made = variants.map((variant) => variant.format);
  const format = chooseFormat(accept, made);
  const chosen = variants.find((variant) => variant.format === format);
  if (chosen !== undefined) return sendVariant(c, file, chosen);

  const deps = { images: new ImagesRepo(c.env.DB), commit: commitOf(c), origin: originOf(c) };
  const refusal = await orderJpeg(deps, image);
  if (refusal.code === "being_made") {
    return refuse(c, refusal, { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });
  }
  return likingOf(accept, best.format) > 0 ? sendVariant(c, file, best) : refuse(c, refusal);
}

function sendVariant(c: ImagesContext, file: StoredFile, variant: MadeSize): Promise<Response> {
  const { name, format } = variant;
  const { mimeType } = VARIANT_FORMATS[format];
  return sendBytes(c, { ...variant, mimeType, name: sizeFileName(file.name, name, format) }, CACHE_FOR_OWNER);
}
