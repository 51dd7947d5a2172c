import { VARIANTS, type VariantName } from "../../../shared/contracts/variants.ts";
import { displayedSize, type ImageHeader } from "../../../shared/image-header/header.ts";
import { variantSize, workingSize } from "../../../shared/image-header/working-size.ts";
import type { Crop, Size } from "./codecs/picture.ts";

/** One variant to make: from which picture, which window of it, how large when upright. */
export interface Step extends Size {
  name: VariantName;
  /** `source` is the decoded original: upright, and of the working size. */
  from: VariantName | "source";
  /** In pixels of the picture it is made from. */
  crop: Crop | null;
}

/** The order of work: each variant may be made from one before it. */
const LARGEST_FIRST = ["large", "medium", "small", "thumbnail"] as const satisfies readonly VariantName[];

/**
 * The variants of a picture: their exact sizes, and the cascade that makes each from the smallest larger picture that
 * has all its pixels.
 */
export function planVariants(header: Pick<ImageHeader, "width" | "height" | "orientation">): Step[] {
  const upright = displayedSize(header);
  const source = displayedSize({ ...workingSize(header), orientation: header.orientation });
  const steps: Step[] = [];
  for (const name of LARGEST_FIRST) {
    const size = variantSize(name, upright);
    const from = steps.findLast((made) => holds(made, name, size));
    const crop = VARIANTS[name].fit === "cover" ? centredSquare(from ?? source) : null;
    steps.push({ name, from: from?.name ?? "source", crop, ...size });
  }
  return steps;
}

/** Whether a variant can be made from this picture without enlarging. A square needs the shorter side. */
function holds(made: Step, name: VariantName, size: Size): boolean {
  if (made.crop !== null) return false;
  if (VARIANTS[name].fit === "cover") return Math.min(made.width, made.height) >= size.width;
  return made.width >= size.width && made.height >= size.height;
}

function centredSquare({ width, height }: Size): Crop {
  const side = Math.min(width, height);
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), width: side, height: side };
}
