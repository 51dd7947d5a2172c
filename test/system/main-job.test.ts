import { createHash, randomBytes } from "node:crypto";
import ExifReader from "exifreader";
import sharp from "sharp";
import { Upload, type UploadOptions } from "tus-js-client";
import { beforeAll, expect, test } from "vitest";
import type { AuditEntry } from "../../shared/contracts/audit.ts";
import type { CreatedShare } from "../../shared/contracts/shares.ts";
import { VARIANT_NAMES } from "../../shared/contracts/variants.ts";
import { jpegWith, SERIAL_NUMBER, telltaleSegments } from "../support/metadata.ts";
import { Client } from "./support/client.ts";
import { startCuttingProxy } from "./support/cutting-proxy.ts";
import { expectMainJobWorks } from "./support/main-job.ts";
import { makePhoto } from "./support/photo.ts";
import { type SharedProduct, sharedProduct } from "./support/shared-product.ts";

const RESUMABLE_BYTES = 30 * 1024 * 1024;
/** In the middle of a part, so that the rest of one has to be kept too. */
const CUT_AT_BYTES = 17_000_000;

let product: SharedProduct;

beforeAll(async () => {
  product = await sharedProduct();
});

test("a 12-megapixel photo becomes every size, and the log tells of it", async () => {
  const client = await expectMainJobWorks(product.url);
  await expect
    .poll(
      async () => {
        const log = await client.json<AuditEntry[]>("/api/audit/logs");
        return log.map((entry) => entry.action).sort();
      },
      { timeout: 20_000, interval: 250 },
    )
    .toEqual(["IMAGE_PROCESSED", "IMAGE_UPLOAD", "USER_LOGIN", "USER_REGISTER"]);
});

async function bytesOf(answer: Response): Promise<Buffer> {
  expect(answer.status).toBe(200);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(answer.headers.get("Content-Length")).toBe(String(bytes.length));
  return bytes;
}

/** What an independent reader finds in a picture beside its size and colours, by groups and EXIF tags. */
function told(picture: Buffer): string[] {
  const {
    exif,
    gps,
    iptc,
    xmp,
    Thumbnail: thumbnail,
  } = ExifReader.load(Uint8Array.from(picture).buffer, { expanded: true });
  const groups = Object.entries({ gps, iptc, xmp, thumbnail }).filter(([, tags]) => tags !== undefined);
  return [...groups.map(([name]) => name), ...Object.keys(exif ?? {})];
}

test("where a photo was taken, by which camera, and its thumbnail leave with its owner alone", async () => {
  const client = await Client.signUp(product.url);
  const plain = await makePhoto({ width: 1600, height: 1200 });
  const profiled = await sharp(plain).withIccProfile("p3").jpeg().toBuffer();
  const photo = Buffer.from(jpegWith(profiled, telltaleSegments(6), jpegWith(profiled, telltaleSegments(1))));
  expect(told(photo)).toEqual(expect.arrayContaining(["gps", "xmp", "thumbnail", "BodySerialNumber"]));
  const { id, url, metadata_found } = await client.uploadPhoto(photo);
  expect(metadata_found).toEqual(expect.arrayContaining(["gps", "serial_number", "thumbnail", "extra_pictures"]));

  const shared = await bytesOf(await fetch(url));
  const share = await client.send("POST", `/api/files/${id}/shares`, {});
  expect((await bytesOf(await fetch(((await share.json()) as CreatedShare).url))).equals(shared)).toBe(true);
  expect(told(shared)).toEqual(["Orientation"]);
  expect(shared.includes(SERIAL_NUMBER)).toBe(false);
  const [before, after] = [await sharp(photo).metadata(), await sharp(shared).metadata()];
  expect([after.orientation, after.icc]).toEqual([6, before.icc]);
  expect((await sharp(shared).raw().toBuffer()).equals(await sharp(photo).raw().toBuffer())).toBe(true);
  expect((await bytesOf(await client.fetch(`/api/files/${id}`))).equals(photo)).toBe(true);

  expect(await client.settled(id)).toMatchObject({ status: "complete" });
  const { sizes, metadata } = await client.details(id);
  expect(metadata).toEqual({ found: metadata_found, removedFor: "others" });
  for (const name of VARIANT_NAMES) {
    const size = await bytesOf(await fetch(sizes[name]?.url ?? ""));
    expect([told(size), size.includes(SERIAL_NUMBER)]).toEqual([[], false]);
  }
});

test("a link's copy is confirmed by the gateway as images confirms it, and its bytes are gone once it is deleted", async () => {
  const client = await Client.signUp(product.url);
  const { id, url } = await client.uploadPhoto(await makePhoto({ width: 64, height: 48 }));
  const whole = await fetch(url);
  await bytesOf(whole);
  const confirm = async () => {
    const answer = await fetch(url, { headers: { "If-None-Match": whole.headers.get("ETag") ?? "" } });
    const { age, date: _, "x-request-id": __, ...fields } = Object.fromEntries(answer.headers);
    return { status: answer.status, age, fields };
  };
  const [byImages, byGateway] = [await confirm(), await confirm()];
  expect([byImages.status, byGateway.status]).toEqual([304, 304]);
  // Only a memory has an age.
  expect(Number(byGateway.age)).toBeGreaterThanOrEqual(1);
  const { "cache-control": caching, ...others } = byImages.fields;
  expect(byGateway.fields).toMatchObject(others);
  expect([caching, byGateway.fields["cache-control"]]).toEqual(
    Array(2).fill(expect.stringMatching(/^private, max-age=/)),
  );

  expect((await client.fetch(`/api/images/${id}`, { method: "DELETE" })).status).toBe(204);
  expect((await fetch(url)).status).toBe(404);
  expect((await confirm()).status).toBe(404);
});

/** Sends a file as tus-js-client does. @returns the last answer's `X-File-Id`, once all of it was taken */
function sendWithTus(upload: Upload): Promise<string> {
  return new Promise((resolve, reject) => {
    upload.options.onError = reject;
    upload.options.onSuccess = ({ lastResponse }) => resolve(lastResponse.getHeader("X-File-Id") ?? "");
    upload.start();
  });
}

/** Where a browser would remember its uploads. */
function rememberUploads(): NonNullable<UploadOptions["urlStorage"]> {
  const known = new Map<string, Awaited<ReturnType<Upload["findPreviousUploads"]>>[number]>();
  return {
    findAllUploads: async () => [...known.values()],
    findUploadsByFingerprint: async () => [...known.values()],
    removeUpload: async (key) => void known.delete(key),
    async addUpload(key, upload) {
      known.set(key, { ...upload, urlStorageKey: key });
      return key;
    },
  };
}

test("a file whose connection breaks in the middle is resumed by another client, and none of its bytes changes", async () => {
  const client = await Client.signUp(product.url);
  const line = await startCuttingProxy(product.url, CUT_AT_BYTES);
  const bytes = randomBytes(RESUMABLE_BYTES);
  const options = {
    endpoint: `${line.url}/api/uploads`,
    headers: { Authorization: `Bearer ${client.account.accessToken}` },
    metadata: { filename: "Überblick.raw", filetype: "image/jpeg" },
    retryDelays: null,
    urlStorage: rememberUploads(),
  };
  try {
    await expect(sendWithTus(new Upload(bytes, options))).rejects.toThrow();
    expect(line.cuts()).toBe(1);

    const offsets: number[] = [];
    const second = new Upload(bytes, {
      ...options,
      onProgress: (sent) => void offsets.push(sent),
    });
    const [previous] = await second.findPreviousUploads();
    second.resumeFromPreviousUpload(previous!);
    const fileId = await sendWithTus(second);

    expect(offsets[0], "bytes that were kept").toBeGreaterThan(CUT_AT_BYTES / 2);
    const stored = Buffer.from(await (await client.fetch(`/api/files/${fileId}`)).arrayBuffer());
    expect(createHash("sha256").update(stored).digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(await client.json(`/api/files/${fileId}/meta`)).toMatchObject({
      name: "Überblick.raw",
      size: RESUMABLE_BYTES,
      mime_type: "application/octet-stream",
    });
  } finally {
    await line.close();
  }
});

test("strangers learn through the gateway what resumable uploads can do", async () => {
  const told = await fetch(`${product.url}/api/uploads`, { method: "OPTIONS" });
  expect(told.status).toBe(204);
  expect(told.headers.get("Tus-Version")).toBe("1.0.0");
  expect(told.headers.get("Tus-Max-Size")).toBe("52428800");
});
