import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { FileView, ImageDetails } from "../../../shared/contracts/images.ts";
import type { CreatedShare } from "../../../shared/contracts/shares.ts";
import { concatenate, jpegSegment, jpegWith, SERIAL_NUMBER, telltaleSegments } from "../../support/metadata.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { callWith } from "./counted-env.ts";
import { env, follow, form, sidewaysJpeg, uploadPhoto } from "./photos.ts";

/** More than is read at a time, so that chunks end within what stays. */
const SCAN_BYTES = 150_000;

function scanData(): Uint8Array {
  return Uint8Array.from({ length: SCAN_BYTES }, (_, i) => (i * 31 + (i >> 8)) % 255);
}

/** A JPEG on its side, whose EXIF block says nothing but that. */
function plainPhoto(): Uint8Array<ArrayBuffer> {
  const turned = concatenate([Uint8Array.of(0xff, 0xd8), minimalExif(), sidewaysJpeg(40, 30).subarray(38, -2)]);
  return concatenate([turned, jpegSegment(0xda, "\u0001\u0001\0\0?\0"), scanData(), Uint8Array.of(0xff, 0xd9)]);
}

function minimalExif(): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  return jpegSegment(0xe1, "Exif\0\0", Uint8Array.from(tiff));
}

/** The same with all that phones put into their photos, in front and behind. */
function telltalePhoto(): Uint8Array<ArrayBuffer> {
  const bare = concatenate([plainPhoto().subarray(0, 2), plainPhoto().subarray(38)]);
  return jpegWith(bare, telltaleSegments(6), sidewaysJpeg(8, 8));
}

/** One that is strewn with comments. */
function strewnPhoto(): Uint8Array<ArrayBuffer> {
  const strewn = Array.from({ length: 100 }, (_, i) => jpegSegment(i % 2 ? 0xfe : 0xdd, "\0\0"));
  return jpegWith(plainPhoto(), strewn);
}

async function bytesOf(answer: Response): Promise<Uint8Array> {
  expect(answer.status).toBeLessThan(300);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Compares quickly: these are hundreds of kilobytes. */
function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length);
  expect(actual.findIndex((byte, at) => byte !== expected[at])).toBe(-1);
}

describe("a link to a photo that tells where it was taken", () => {
  test("opens the picture alone, still turned as it was", async () => {
    const { url } = await uploadPhoto(await signIn(), telltalePhoto());
    const answer = await follow(url);
    const left = await bytesOf(answer);
    expectSame(left, plainPhoto());
    expect(answer.headers.get("Content-Length")).toBe(String(left.length));
    expect(new TextDecoder("latin1").decode(left)).not.toContain(SERIAL_NUMBER);
  });

  test("gives every range of just these bytes", async () => {
    const { url } = await uploadPhoto(await signIn(), telltalePhoto());
    const whole = plainPhoto();
    const last = whole.length - 1;
    const ranges = [
      [0, 0],
      [0, 1],
      [1, 2],
      [2, 37],
      [3, 10],
      [30, 60],
      [38, last],
      [0, last],
      [131_000, 132_000],
      [last, last],
    ];
    for (const [from = 0, to = 0] of ranges) {
      const part = await follow(url, { Range: `bytes=${from}-${to}` });
      expect(part.headers.get("Content-Range")).toBe(`bytes ${from}-${to}/${whole.length}`);
      expect(part.headers.get("Content-Length")).toBe(String(to - from + 1));
      expectSame(await bytesOf(part), whole.slice(from, to + 1));
    }
    expect((await follow(url, { Range: `bytes=${whole.length}-` })).status).toBe(416);
    expectSame(await bytesOf(await follow(url, { Range: "lines=1-2" })), whole);
  });

  test("has an ETag of its own, which HEAD, If-Range and If-None-Match know", async () => {
    const john = await signIn();
    const { id, url } = await uploadPhoto(john, telltalePhoto());
    const head = await follow(url, {}, "HEAD");
    const etag = head.headers.get("ETag") ?? "";
    expect(head.headers.get("Content-Length")).toBe(String(plainPhoto().length));
    expect((await follow(url, { "If-None-Match": etag })).status).toBe(304);
    expect((await follow(url, { "If-Range": etag, Range: "bytes=0-1" })).status).toBe(206);

    const owners = (await call(`/api/files/${id}`, { as: john, method: "HEAD" })).headers.get("ETag") ?? "";
    expect(owners).not.toBe(etag);
    expect((await follow(url, { "If-None-Match": owners }, "HEAD")).status).toBe(200);
    const whole = await follow(url, { "If-Range": owners, Range: "bytes=0-1" });
    expect([whole.status, (await bytesOf(whole)).length]).toEqual([200, plainPhoto().length]);
  });

  test("is no other than a share and a public address; at all of them the owner has it as it came", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john, telltalePhoto());
    const shared = await call(`/api/files/${id}/shares`, { as: john, method: "POST" });
    const { url } = await shared.json<{ url: string }>();
    await call(`/api/files/${id}`, { as: john, method: "PATCH", json: { visibility: "public" } });
    for (const path of [new URL(url).pathname, `/uploads/${id}`, `/uploads/${id}/original`]) {
      expectSame(await bytesOf(await call(path)), plainPhoto());
      const part = await call(path, { headers: { Range: "bytes=30-60" } });
      expectSame(await bytesOf(part), plainPhoto().slice(30, 61));
    }
    expectSame(await bytesOf(await call(`/uploads/${id}`, { as: john })), telltalePhoto());
    expectSame(await bytesOf(await call(`/uploads/${id}/original`, { as: john })), telltalePhoto());
  });

  test("opens nothing once the photo is deleted", async () => {
    const john = await signIn();
    const { id, url } = await uploadPhoto(john, telltalePhoto());
    await bytesOf(await follow(url));
    await call(`/api/images/${id}`, { as: john, method: "DELETE" });
    expect((await follow(url)).status).toBe(404);
    expect((await follow(url, { Range: "bytes=0-1" })).status).toBe(404);
    expect((await follow(url, {}, "HEAD")).status).toBe(404);
  });

  test("is kept by a cache apart from the whole, and is taken out with it", async () => {
    const { url } = await uploadPhoto(await signIn(), telltalePhoto());
    const { Delivery } = exports as unknown as { Delivery: Fetcher };
    const { searchParams } = new URL(url);
    const address = new URLSearchParams({ key: searchParams.get("key") ?? "" });
    const whole = await Delivery.fetch(`https://delivery/?${address}`);
    address.set("cuts", searchParams.get("cuts") ?? "");
    const cut = await Delivery.fetch(`https://delivery/?${address}`);
    expect(cut.headers.get("Cache-Tag")).toBe(whole.headers.get("Cache-Tag"));
    expect(cut.headers.get("ETag")).not.toBe(whole.headers.get("ETag"));
    expectSame(await bytesOf(whole), telltalePhoto());
    expectSame(await bytesOf(cut), plainPhoto());
    address.set("cuts", "all of it");
    expect((await Delivery.fetch(`https://delivery/?${address}`)).status).toBe(404);
  });

  test("that was made before files were looked at opens the picture alone too", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john, telltalePhoto());
    await env.DB.prepare("UPDATE file SET cuts = NULL, metadata_found = NULL").run();
    const { sizes, metadata } = await (await call(`/api/images/${id}`, { as: john })).json<ImageDetails>();
    expect(metadata).toBeNull();
    const answer = await follow(sizes.original?.url ?? "");
    expectSame(await bytesOf(answer), plainPhoto());
    const again = await follow(sizes.original?.url ?? "", { "If-None-Match": answer.headers.get("ETag") ?? "" });
    expect(again.status).toBe(304);
  });

  test("is refused where the metadata cannot be cut out; the owner has it all the same", async () => {
    const john = await signIn();
    const { id, url, metadata_found } = await uploadPhoto(john, strewnPhoto());
    expect(metadata_found).toEqual(["comment"]);
    const refused = await follow(url);
    expect([refused.status, await refused.json()]).toEqual([409, expect.objectContaining({ code: "not_shareable" })]);
    expectSame(await bytesOf(await call(`/api/files/${id}`, { as: john })), strewnPhoto());
  });
});

test("a share opens the picture alone, whole and in part", async () => {
  const john = await signIn();
  const { id } = await uploadPhoto(john, telltalePhoto());
  const shared = await call(`/api/files/${id}/shares`, { as: john, method: "POST", json: {} });
  const { pathname } = new URL((await shared.json<CreatedShare>()).url);
  // Whoever follows it, be it the owner: holding the address is all it takes, and all that it gives.
  for (const as of [undefined, john]) expectSame(await bytesOf(await call(pathname, as && { as })), plainPhoto());
  const part = await call(pathname, { headers: { Range: "bytes=30-99" } });
  expectSame(await bytesOf(part), plainPhoto().slice(30, 100));
});

test("a public photo is the picture alone for anybody, and as it came for its owner", async () => {
  const john = await signIn();
  const { id } = await uploadPhoto(john, telltalePhoto());
  await call(`/api/images/${id}`, { as: john, method: "PATCH", json: { visibility: "public" } });
  for (const path of [`/uploads/${id}`, `/uploads/${id}/original`]) {
    const [strangers, owners] = [await call(path), await call(path, { as: john })];
    expect(strangers.headers.get("ETag")).not.toBe(owners.headers.get("ETag"));
    expectSame(await bytesOf(strangers), plainPhoto());
    expectSame(await bytesOf(owners), telltalePhoto());
    expectSame(await bytesOf(await call(path, { as: await signIn() })), plainPhoto());
  }
});

/** The ways into the house that photos take. */
const DOORS: Record<string, (person: Person) => Promise<string>> = {
  "as the body": async (as) => (await uploadPhoto(as, telltalePhoto())).id,
  "in a form": async (as) => {
    const body = form("image", telltalePhoto(), "photo.jpg", "image/jpeg");
    return (await (await call("/api/files", { as, body })).json<FileView>()).id;
  },
  resumably: async (as) => {
    const tus = { "Tus-Resumable": "1.0.0", "Upload-Length": String(telltalePhoto().length) };
    const begun = await call("/api/uploads", { as, method: "POST", headers: tus });
    const headers = { ...tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" };
    const path = begun.headers.get("Location") ?? "";
    expect((await call(path, { as, method: "PATCH", body: telltalePhoto(), headers })).status).toBe(204);
    const [file] = await (await call("/api/files", { as })).json<FileView[]>();
    return file!.id;
  },
};

test.each(Object.keys(DOORS))("a photo that came %s leaves as the picture alone", async (door) => {
  const john = await signIn();
  const id = await DOORS[door]!(john);
  const { url, metadata_found } = await (await call(`/api/files/${id}/meta`, { as: john })).json<FileView>();
  expect(metadata_found).toContain("gps");
  expectSame(await bytesOf(await follow(url)), plainPhoto());
});

test("the owner has a photo as it came, by every route", async () => {
  const john = await signIn();
  const { id } = await uploadPhoto(john, telltalePhoto());
  for (const path of [`/api/files/${id}`, `/api/images/${id}/original`, `/uploads/${id}`]) {
    expectSame(await bytesOf(await call(path, { as: john })), telltalePhoto());
  }
});

test("the answers say what was found, and who is not sent it", async () => {
  const john = await signIn();
  const found = [
    "exif",
    "gps",
    "thumbnail",
    "serial_number",
    "xmp",
    "extra_pictures",
    "content_credentials",
    "iptc",
    "other",
    "comment",
  ];
  const { id, metadata_found } = await uploadPhoto(john, telltalePhoto());
  expect(metadata_found).toEqual(found);
  const details = async () => (await call(`/api/images/${id}`, { as: john })).json<ImageDetails>();
  expect((await details()).metadata).toEqual({ found, removedFor: "others" });
  expect(await (await call(`/api/files/${id}/meta`, { as: john })).json<FileView>()).toMatchObject({
    metadata_found: found,
  });
  const plain = await uploadPhoto(john, plainPhoto());
  expect(plain.metadata_found).toEqual([]);
  expectSame(await bytesOf(await follow(plain.url)), plainPhoto());
});

test("what is no JPEG, PNG or WebP leaves as it came", async () => {
  const body = form("file", "%PDF-1.7 Author (me)", "paper.pdf", "application/pdf");
  const { url, metadata_found } = await (await call("/api/files", { as: await signIn(), body })).json<FileView>();
  expect(metadata_found).toEqual([]);
  expect(await (await follow(url)).text()).toBe("%PDF-1.7 Author (me)");
});

describe("with STRIP_METADATA", () => {
  test("always, the owner too has the picture alone", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john, telltalePhoto());
    const set = { STRIP_METADATA: "always" };
    expectSame(await bytesOf(await callWith(set, `/api/files/${id}`, john.headers)), plainPhoto());
    const { metadata } = await (await callWith(set, `/api/images/${id}`, john.headers)).json<ImageDetails>();
    expect(metadata?.removedFor).toBe("everybody");

    const { id: paper } = await (
      await call("/api/files", { as: john, body: form("file", "%PDF-1.7 Author (me)", "paper.pdf") })
    ).json<FileView>();
    const zipped = await callWith(set, `/api/files/zip?ids=${id},${paper}`, john.headers);
    const zip = await bytesOf(zipped);
    expect(zipped.headers.get("Content-Length")).toBe(String(zip.length));
    const text = new TextDecoder("latin1").decode(zip);
    expect(text).not.toContain(SERIAL_NUMBER);
    expect(text).toContain(new TextDecoder("latin1").decode(plainPhoto()));
    expect(text).toContain("%PDF-1.7 Author (me)");
  });

  test("never, links open photos as they came", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john, telltalePhoto());
    const answer = await callWith({ STRIP_METADATA: "never" }, `/api/images/${id}`, john.headers);
    const { metadata, sizes } = await answer.json<ImageDetails>();
    expect(metadata?.removedFor).toBe("nobody");
    expectSame(await bytesOf(await follow(sizes.original?.url ?? "")), telltalePhoto());
  });
});
