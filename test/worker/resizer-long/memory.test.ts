import { describe, expect, it } from "vitest";
import type { JobKind } from "../../../shared/contracts/images.ts";
import type { VariantFormat } from "../../../shared/contracts/variants.ts";
import { MEMORY_MAX_BYTES, predictMemory } from "../../../shared/image-header/admission.ts";
import { sniff } from "../../../shared/image-header/sniff.ts";
import { type Codecs, createCodecs } from "../../../workers/resizer/src/codecs/codec.ts";
import { photo, seeThrough } from "../resizer/pictures.ts";
import { patiently, resized } from "../resizer/resizing.ts";

const PHOTO = { width: 4032, height: 3024 };
/** Any plain JPEG, any PNG and any lossy WebP without alpha: WebAssembly memories and buffers of kernel and encoder together. */
const ROW_BY_ROW_MAX_BYTES = 56 * 1024 * 1024;
/** What the encoder of the finished picture and the kernel need in any case. */
const SMALLEST_BYTES = 24_000_000;

type Job = [kind: JobKind, formats: VariantFormat[]];

async function memoryOf(codecs: Codecs, file: Uint8Array): Promise<number> {
  const { outcome, memory } = await resized(codecs, file);
  expect(outcome).toBe("complete");
  return memory;
}

describe("metered memory", { timeout: 60_000 }, () => {
  it.each([
    [{ ...PHOTO }],
    [{ ...PHOTO, orientation: 6 }],
    [{ ...PHOTO, format: "png" }],
    [{ ...PHOTO, format: "webp" }],
    [{ width: 5712, height: 4284, format: "webp" }],
  ] as const)("of %o is at most 56 MiB, job after job", async (options) => {
    const codecs = createCodecs();
    const file = await photo(options);
    for (let job = 0; job < 3; job++) expect(await memoryOf(codecs, file)).toBeLessThanOrEqual(ROW_BY_ROW_MAX_BYTES);
  });

  it.each([
    [{ ...PHOTO }],
    [{ ...PHOTO, orientation: 6 }],
    [{ ...PHOTO, format: "png" }],
    [{ width: 4000, height: 4000, as: ["progressive"] }],
    [{ ...PHOTO, format: "webp" }],
    [{ width: 3500, height: 3000, format: "webp", as: ["lossless"] }],
    [{ width: 1920, height: 1920, format: "png" }],
    [{ width: 1920, height: 1920, format: "png", as: ["noise"] }],
  ] as const)("of %o that becomes JPEG, with or without WebP, is at most 80 MiB, job after job", async (options) => {
    const file = await photo({ ...options, as: "as" in options ? [...options.as] : [] });
    const both: Job = ["eager", ["webp", "jpeg"]];
    const webp: Job = ["eager", ["webp"]];
    const onDemand: Job = ["on_demand", ["jpeg"]];
    for (const jobs of [[both], [webp, onDemand]]) {
      const codecs = createCodecs();
      for (const [kind, formats] of [...jobs, ...jobs, ...jobs]) {
        const { outcome, memory } = await resized(codecs, file, formats, kind);
        expect(outcome).toBe("complete");
        expect(memory, `${kind} ${formats.join()}`).toBeLessThanOrEqual(MEMORY_MAX_BYTES);
      }
    }
  });

  /** Each near the most that is admitted of its kind. */
  it.each([
    { width: 4000, height: 4000, as: ["progressive"] },
    { width: 3264, height: 2448, as: ["progressive", "full-chroma"] },
    { width: 4000, height: 3000, format: "webp" as const, as: ["lossless"] },
    { width: 4000, height: 3000, format: "png" as const, as: ["progressive"] },
  ])("of %o is what was predicted and at most 80 MiB, after other photos too", async (options) => {
    const codecs = createCodecs();
    await memoryOf(codecs, await photo(PHOTO));
    const file = await photo(options);
    const predicted = predictMemory(sniff(file).image!, file.length);
    for (let job = 0; job < 2; job++) {
      const memory = await memoryOf(codecs, file);
      expect(memory).toBeLessThanOrEqual(MEMORY_MAX_BYTES);
      expect(memory).toBeLessThanOrEqual(Math.max(predicted, SMALLEST_BYTES));
    }
  });

  it("comes back after a job that never ended, and leaves the next alone", async () => {
    const codecs = createCodecs();
    const file = await photo({ width: 640, height: 480 });
    const hung = codecs.open("eager", patiently);
    const started = await hung.decode(new Blob([file]).stream(), file.length);
    const good = await resized(codecs, file);
    expect(good.outcome).toBe("complete");
    if (!started.ok) throw new Error(started.failure.detail);
    const late = await hung.encode(started.value.picture, "webp");
    expect(late).toEqual(good.variants[0]!.bytes);
    hung.close();
    expect((await resized(codecs, file)).outcome).toBe("complete");
  });

  it("of small transparent pictures counts their own resampler", async () => {
    const file = await seeThrough({ width: 600, height: 400, format: "png" });
    expect(await memoryOf(createCodecs(), file)).toBeLessThanOrEqual(ROW_BY_ROW_MAX_BYTES);
  });
});
