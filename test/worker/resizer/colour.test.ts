import { describe, expect, it } from "vitest";
import { profileOfJpeg, profileOfPng, profileOfWebp } from "../../../workers/resizer/src/colour/embedded.ts";
import { readProfile } from "../../../workers/resizer/src/colour/profile.ts";
import { compare, photo } from "./pictures.ts";
import { settle } from "./settle.ts";

/** With their colours left as they are, the pictures below stay under 30 dB. */
const PSNR_MIN_DB = 36;
const SIZE = { width: 700, height: 500 };

describe("colours", () => {
  it.each(["jpeg", "png", "webp"] as const)("of a %s tagged Display P3 look as they do in sRGB", async (format) => {
    const original = await photo({ ...SIZE, format, as: ["p3"] });
    const { outcome, variants } = await settle(original);
    expect(outcome).toBe("complete");
    const { psnr } = await compare(original, variants.get("large")!, "inside");
    expect(psnr).toBeGreaterThanOrEqual(PSNR_MIN_DB);
  });

  it("never fail for a garbled profile", async () => {
    const original = await photo({ ...SIZE, as: ["p3"] });
    const profile = profileOfJpeg(original)!;
    expect(readProfile(profile)).not.toBeNull();
    for (let length = 0; length < profile.length; length += 7) readProfile(profile.subarray(0, length));
    for (let at = 0; at < profile.length; at++) {
      const damaged = profile.slice();
      damaged[at] = 0xff;
      readProfile(damaged);
    }
    expect(readProfile(new Uint8Array(1000))).toBeNull();
  });

  it("find no profile where there is none", async () => {
    expect(profileOfJpeg(await photo(SIZE))).toBeNull();
    expect(profileOfWebp(await photo({ ...SIZE, format: "webp" }))).toBeNull();
    expect(await profileOfPng(new TextEncoder().encode("name\0\0 not deflated"))).toBeNull();
  });
});
