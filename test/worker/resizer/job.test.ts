import { describe, expect, it } from "vitest";
import { sniff } from "../../../shared/image-header/sniff.ts";
import { createCodecs } from "../../../workers/resizer/src/codecs/codec.ts";
import { runJob } from "../../../workers/resizer/src/job.ts";
import { FakeImages } from "./fake-images.ts";
import { photo, pixelsOf, seeThrough } from "./pictures.ts";

const codecs = createCodecs();

function run(images: FakeImages) {
  return runJob({ images, codecs }, images.jobId);
}

describe("a resize job", () => {
  it("stores every variant with its true size and type, then completes", async () => {
    const original = await photo({ width: 1200, height: 800 });
    const images = new FakeImages(original);
    const report = await run(images);
    expect(report).toMatchObject({ outcome: "complete", attempt: 1, bytes: original.length });
    expect(report.memory).toBeGreaterThan(original.length);
    expect(images.completed).toBe(true);
    expect(images.stored.map(({ bytes, ...variant }) => variant)).toEqual([
      { name: "large", width: 1200, height: 800, mimeType: "image/webp" },
      { name: "medium", width: 1024, height: 683, mimeType: "image/webp" },
      { name: "small", width: 480, height: 320, mimeType: "image/webp" },
      { name: "thumbnail", width: 150, height: 150, mimeType: "image/webp" },
    ]);
    for (const { bytes } of images.stored) expect(new TextDecoder().decode(bytes.subarray(8, 12))).toBe("WEBP");
  });

  it("makes JPEG where the job asks for it", async () => {
    const images = new FakeImages(await photo({ width: 640, height: 480 }));
    images.format = "jpeg";
    expect((await run(images)).outcome).toBe("complete");
    expect(images.stored.map(({ name, mimeType }) => [name, mimeType])).toEqual([
      ["large", "image/jpeg"],
      ["medium", "image/jpeg"],
      ["small", "image/jpeg"],
      ["thumbnail", "image/jpeg"],
    ]);
    for (const { width, height, bytes } of images.stored) {
      expect(sniff(bytes).image).toMatchObject({ format: "jpeg", width, height });
    }
  });

  it("shows paper through a transparent picture that becomes JPEG", async () => {
    const images = new FakeImages(await seeThrough({ width: 320, height: 200, format: "png" }));
    images.format = "jpeg";
    expect((await run(images)).outcome).toBe("complete");
    const large = images.stored.find(({ name }) => name === "large");
    const { width, data } = await pixelsOf(large!.bytes);
    const pixelAt = (x: number, y: number) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
    for (const channel of pixelAt(40, 100)) expect(channel).toBeGreaterThanOrEqual(250);
    const [red = 0, green = 0, blue = 0] = pixelAt(280, 100);
    expect(Math.max(Math.abs(red - 200), Math.abs(green - 30), Math.abs(blue - 60))).toBeLessThanOrEqual(12);
  });

  it("does nothing for a job that cannot be claimed", async () => {
    const images = new FakeImages(new Uint8Array());
    images.claimable = false;
    expect((await run(images)).outcome).toBe("not_claimable");
    expect(images.stored).toEqual([]);
    expect(images.failures).toEqual([]);
  });

  it("fails a damaged file for good, with a sentence for the uploader", async () => {
    const whole = await photo({ width: 64, height: 64, format: "png" });
    const images = new FakeImages(whole.subarray(0, 120));
    expect((await run(images)).outcome).toBe("undecodable_image");
    const detail = "The file is damaged: its pixels cannot be read.";
    expect(images.failures).toEqual([{ code: "undecodable_image", detail, permanent: true }]);
    expect(images.completed).toBe(false);
  });

  it("fails a picture that is too large for good, before decoding any of it", async () => {
    const flood = await photo({ width: 64, height: 64, format: "png" });
    new DataView(flood.buffer).setUint32(16, 20_000);
    new DataView(flood.buffer).setUint32(20, 20_000);
    const images = new FakeImages(flood);
    expect((await run(images)).outcome).toBe("image_too_large");
    expect(images.failures).toMatchObject([{ permanent: true }]);
  });

  it.each(["openOriginal", "storeVariant", "completeJob"] as const)(
    "stops when the attempt is lost at %s",
    async (call) => {
      const images = new FakeImages(await photo({ width: 64, height: 64 }));
      images.loseAt = call;
      expect((await run(images)).outcome).toBe("attempt_lost");
      expect(images.completed).toBe(false);
      expect(images.failures).toEqual([]);
    },
  );

  it("gives the job back for another try when storing breaks", async () => {
    const images = new FakeImages(await photo({ width: 64, height: 64 }));
    images.breakAt = "storeVariant";
    await expect(run(images)).rejects.toThrow("away");
    expect(images.failures).toEqual([
      { code: "resize_failed", detail: "The picture could not be resized.", permanent: false },
    ]);
  });

  it("throws the first error when nothing of the images service answers", async () => {
    const images = new FakeImages(new Uint8Array());
    images.breakAt = "claimJob";
    await expect(run(images)).rejects.toThrow("claimJob");
  });

  it("never takes a shorter stream for the whole original", async () => {
    const images = new FakeImages(await photo({ width: 64, height: 64 }));
    const claim = images.claimJob.bind(images);
    images.claimJob = async (jobId) => {
      const claimed = await claim(jobId);
      if (claimed.ok) claimed.value.bytes += 1;
      return claimed;
    };
    await expect(run(images)).rejects.toThrow("ended after");
    expect(images.failures).toMatchObject([{ permanent: false }]);
  });
});
