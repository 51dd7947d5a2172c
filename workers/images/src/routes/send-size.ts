import { type SizeName, VARIANT_FORMATS, type VariantName } from "../../../../shared/contracts/variants.ts";
import { refusal } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { sizeFileName } from "../files/disposition.ts";
import { chooseFormat, likingOf } from "../images/choose-format.ts";
import { ImagesRepo, type WholeImage } from "../images/images.repo.ts";
import { orderJpeg } from "../images/order-jpeg.ts";
import type { MadeSize, StoredFile } from "../schema.ts";
import { commitOf, type ImagesContext, originOf } from "./context.ts";
import { type Audience, SENDS_BYTES, sendBytes, sendOriginal } from "./send-bytes.ts";

/** A JPEG job takes about two seconds for a photo of a phone. */
const RETRY_AFTER_SECONDS = 3;

/** How a route that sends one size describes its answers. */
export const SENDS_SIZE = {
  ...SENDS_BYTES.responds,
  406: refusal("JPEG was asked for and could not be made"),
  409: refusal("The sizes are not made yet"),
  503: refusal("JPEG was asked for and is being made: ask again after Retry-After"),
};

/** Answers with an image as it was uploaded, or with one size of it in the format that the client takes. */
export async function sendSize(
  c: ImagesContext,
  whole: WholeImage,
  name: SizeName,
  audience: Audience,
): Promise<Response> {
  if (name === "original") return sendOriginal(c, whole.file, audience);
  const answer = await negotiate(c, whole, name, audience);
  answer.headers.append("Vary", "Accept");
  return answer;
}

async function negotiate(
  c: ImagesContext,
  whole: WholeImage,
  name: VariantName,
  audience: Audience,
): Promise<Response> {
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
  if (chosen !== undefined) return sendVariant(c, file, chosen, audience);

  const deps = { images: new ImagesRepo(c.env.DB), commit: commitOf(c), origin: originOf(c) };
  const refusal = await orderJpeg(deps, image);
  if (refusal.code === "being_made") {
    return refuse(c, refusal, { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });
  }
  return likingOf(accept, best.format) > 0 ? sendVariant(c, file, best, audience) : refuse(c, refusal);
}

function sendVariant(c: ImagesContext, file: StoredFile, variant: MadeSize, audience: Audience): Promise<Response> {
  const { name, format } = variant;
  const { mimeType } = VARIANT_FORMATS[format];
  return sendBytes(c, { ...variant, mimeType, name: sizeFileName(file.name, name, format) }, audience);
}
