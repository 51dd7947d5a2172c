import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from "thumbhash";
import { describe, expect, it } from "vitest";
import { sniff } from "../../../shared/image-header/sniff.ts";
import { createCodecs } from "../../../workers/resizer/src/codecs/codec.ts";
import { runJob } from "../../../workers/resizer/src/job.ts";
import { FakeImages } from "./fake-images.ts";
import { photo, pixelsOf, seeThrough } from "./pictures.ts";
import { patiently } from "./resizing.ts";

const codecs = createCodecs();

function run(images: FakeImages) {
  return runJob({ images, codecs, wait: patiently }, images.jobId);
}

/** Of 255. A ThumbHash keeps the average colour to 6 bits. */
const FAINT_DIFFERENCE = 8;

/** The average red, green and blue of opaque RGBA pixels. */
function averageOf(pixels: Uint8Array): number[] {
  const sums = [0, 0, 0];
  for (const [at, value] of pixels.entries()) {
    if (at % 4 < 3) sums[at % 4]! += value;
  }
  return sums.map((sum) => sum / (pixels.length / 4));
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
      { name: "large", format: "webp", width: 1200, height: 800 },
      { name: "medium", format: "webp", width: 1024, height: 683 },
      { name: "small", format: "webp", width: 480, height: 320 },
      { name: "thumbnail", format: "webp", width: 150, height: 150 },
    ]);
    for (const { bytes } of images.stored) expect(new TextDecoder().decode(bytes.subarray(8, 12))).toBe("WEBP");
  });

  it("makes JPEG where the job asks for it", async () => {
    const images = new FakeImages(await photo({ width: 640, height: 480 }));
    images.formats = ["jpeg"];
    expect((await run(images)).outcome).toBe("complete");
    expect(images.stored.map(({ name, format }) => `${name} ${format}`)).toEqual([
      "large jpeg",
      "medium jpeg",
      "small jpeg",
      "thumbnail jpeg",
    ]);
    for (const { width, height, bytes } of images.stored) {
      expect(sniff(bytes).image).toMatchObject({ format: "jpeg", width, height });
    }
  });

  it("makes every size in each format that the job names, one format after the other", async () => {
    const images = new FakeImages(await photo({ width: 640, height: 480 }));
    images.formats = ["webp", "jpeg"];
    expect((await run(images)).outcome).toBe("complete");
    expect(images.stored.map(({ name, format }) => `${name} ${format}`)).toEqual([
      "large webp",
      "medium webp",
      "small webp",
      "thumbnail webp",
      "large jpeg",
      "medium jpeg",
      "small jpeg",
      "thumbnail jpeg",
    ]);
    for (const { format, width, height, bytes } of images.stored) {
      expect(sniff(bytes).image).toMatchObject({ format, width, height });
      expect(await pixelsOf(bytes)).toMatchObject({ width, height });
    }
  });

  it("makes JPEG of the same sizes where somebody asks for it later", async () => {
    const images = new FakeImages(await photo({ width: 640, height: 480 }));
    images.kind = "on_demand";
    images.formats = ["jpeg"];
    expect((await run(images)).outcome).toBe("complete");
    expect(images.stored.map(({ name, width, height }) => `${name} ${width}x${height}`)).toEqual([
      "large 640x480",
      "medium 640x480",
      "small 480x360",
      "thumbnail 150x150",
    ]);
    for (const { bytes } of images.stored) expect(sniff(bytes).image).toMatchObject({ format: "jpeg" });
  });

  it("tells what stands in for the picture while it loads", async () => {
    const images = new FakeImages(await photo({ width: 900, height: 600 }));
    await run(images);
    const small = images.stored.find(({ name }) => name === "small");
    const hash = Uint8Array.from(atob(images.placeholder!.thumbHash), (char) => char.charCodeAt(0));
    expect(thumbHashToApproximateAspectRatio(hash)).toBeCloseTo(900 / 600, 0);
    const { r, g, b } = thumbHashToAverageRGBA(hash);
    const average = averageOf((await pixelsOf(small!.bytes)).data);
    for (const [channel, value] of [r, g, b].entries()) {
      expect(Math.abs(value * 255 - average[channel]!)).toBeLessThanOrEqual(FAINT_DIFFERENCE);
    }
    expect(images.placeholder!.dominantColour).toMatch(/^#[0-9a-f]{6}$/);
  });

  it("finds the colour of what can be seen of a transparent picture", async () => {
    const images = new FakeImages(await seeThrough({ width: 320, height: 200, format: "png" }));
    await run(images);
    expect(images.placeholder!.dominantColour).toBe("#c81e3c");
  });

  it("shows paper through a transparent picture that becomes JPEG", async () => {
    const images = new FakeImages(await seeThrough({ width: 320, height: 200, format: "png" }));
    images.formats = ["jpeg"];
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
