import { fail } from "../../../../shared/result.ts";

/** Why a file will never have variants, however often one tries. */
export type BadImage = "undecodable_image" | "unsupported_image" | "image_too_large";

export function damaged() {
  return fail("undecodable_image", "The file is damaged: its pixels cannot be read.");
}

export function damagedHeader() {
  return fail("undecodable_image", "The file is damaged: its header cannot be read.");
}

export function otherSize() {
  return fail("undecodable_image", "The file is damaged: its header gives another size than its pixels have.");
}

/** For what admission did not foresee from the header: the kernel had no memory left. */
export function tooLarge() {
  return fail("image_too_large", "The picture needs more memory than one picture may have.");
}
