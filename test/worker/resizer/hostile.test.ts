import { describe, expect, it } from "vitest";
import { sniff } from "../../../shared/image-header/sniff.ts";
import { ok } from "../../../shared/result.ts";
import { createCodec } from "../../../workers/resizer/src/codecs/codec.ts";
import { runPipeline } from "../../../workers/resizer/src/pipeline.ts";
import { photo } from "./pictures.ts";

const codec = createCodec();

async function outcomeOf(original: Uint8Array): Promise<string> {
  const result = await runPipeline(codec, original, async () => ok(null));
  return result.ok ? "complete" : result.failure.code;
}

/** A valid frame header, then a scan by Huffman tables that the file lacks. 35 of these end a decoder's life. */
async function brokenJpeg(): Promise<Uint8Array> {
  const file = await photo({ width: 64, height: 64 });
  const scan = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xda);
  file[scan + 6] = 0x33;
  return file;
}

describe("damaged files", () => {
  it("heals after 50 broken JPEGs: the next good one is read", { timeout: 60_000 }, async () => {
    const broken = await brokenJpeg();
    expect(sniff(broken).image).not.toBeNull();
    for (let i = 0; i < 50; i++) expect(await outcomeOf(broken)).toBe("undecodable_image");
    expect(await outcomeOf(await photo({ width: 64, height: 64 }))).toBe("complete");
  });

  it.each(["png", "webp"] as const)("heals after broken %s files", { timeout: 60_000 }, async (format) => {
    const good = await photo({ width: 200, height: 120, format });
    const broken = good.subarray(0, 200);
    for (let i = 0; i < 20; i++) expect(await outcomeOf(broken)).toBe("undecodable_image");
    expect(await outcomeOf(good)).toBe("complete");
  });

  it("refuses a PNG whose header gives another size than its pixels have", async () => {
    const file = await photo({ width: 64, height: 64, format: "png" });
    file[19] = 63;
    expect(await outcomeOf(file)).toBe("undecodable_image");
  });

  it("refuses a WebP whose canvas has another size than its picture", async () => {
    const file = await photo({ width: 64, height: 64, format: "webp", orientation: 6 });
    expect(String.fromCharCode(...file.subarray(12, 16))).toBe("VP8X");
    file[24] = 62;
    expect(await outcomeOf(file)).toBe("undecodable_image");
  });

  it("refuses what its header alone forbids: print colours and no picture at all", async () => {
    expect(await outcomeOf(await photo({ width: 64, height: 64, as: ["cmyk"] }))).toBe("unsupported_image");
    expect(await outcomeOf(new TextEncoder().encode("not a picture"))).toBe("undecodable_image");
  });

  it("reads what is there of a JPEG that was cut off", async () => {
    const file = await photo({ width: 640, height: 480 });
    expect(await outcomeOf(file.subarray(0, file.length / 2))).toBe("complete");
  });
});
