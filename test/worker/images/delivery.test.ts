import { afterEach, describe, expect, test, vi } from "vitest";
import type { ImageDetails } from "../../../shared/contracts/images.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { callWith } from "./counted-env.ts";
import { complete, env, follow, form, png, storedKeys, uploadPhoto } from "./photos.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function withParameter(url: string, name: string, value: string): string {
  const changed = new URL(url);
  changed.searchParams.set(name, value);
  return changed.href;
}

/** Ways to write "one folder up" or "the end of the name". */
const TRICKS = [
  "..%2f",
  "..%5c",
  "%2e%2e%2f",
  "%2e%2e%5c",
  "%252e%252e%252f",
  "%25252e%25252e%25252f",
  "....//",
  "....%2f%2f",
  "..;/",
  "..%3b%2f",
  ".%00./",
  "%00",
  "%00.png",
  "%c0%ae%c0%ae%c0%af",
  "%e0%80%ae%e0%80%af",
  "%f0%80%80%af",
  "%uff0e%uff0e%u2215",
  "%ef%bc%8e%ef%bc%8e%ef%bc%8f",
  "%e2%80%a6%e2%81%84",
  "%e2%88%95",
  "%zz",
  "%",
  "file:%2f%2f%2f",
  "http:%2f%2fevil.example%2f",
  "%0d%0aLocation:%20x",
  "%20",
  "~",
  "*",
  "'%20OR%201=1--",
];

afterEach(() => {
  vi.useRealTimers();
});

describe("a signed link", () => {
  test("opens the bytes for anybody, to be shown and kept, but never to run", async () => {
    const { url } = await uploadPhoto(await signIn());
    const response = await follow(url);
    expect(response.status).toBe(200);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(png());
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      "content-type": "image/png",
      "content-length": String(png().length),
      "content-disposition": `inline; filename="holiday.png"; filename*=UTF-8''holiday.png`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cross-origin-resource-policy": "cross-origin",
      "accept-ranges": "bytes",
    });
    expect(headers.etag).toMatch(/^"[0-9a-f]+"$/);
    expect(headers["cache-control"]).toMatch(/^private, max-age=\d+, immutable$/);
  });

  test("opens every size of a finished photo", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const { sizes } = await (await call(`/api/images/${id}`, { as: john })).json<ImageDetails>();
    for (const name of ["thumbnail", "small", "medium", "large"] as const) {
      const response = await follow(sizes[name]?.url ?? "");
      expect([response.headers.get("Content-Type"), await response.text()]).toEqual(["image/webp", name]);
    }
  });

  test("has anything that is no photo saved, not shown", async () => {
    const body = form("file", "<script>", "käse.html", "text/html");
    const { url } = await (await call("/api/files", { as: await signIn(), body })).json<{ url: string }>();
    const response = await follow(url);
    expect(response.headers.get("Content-Type")).toBe("text/plain");
    const disposition = response.headers.get("Content-Disposition");
    expect(disposition).toBe(`attachment; filename="k_se.html"; filename*=UTF-8''k%C3%A4se.html`);
  });

  test.each([
    ["key", "somebody/else/1/original"],
    ["type", "text/html"],
    ["etag", "0"],
    ["name", "virus.exe"],
    ["expires", "99999999999"],
    ["expires", "soon"],
    ["signature", "0".repeat(64)],
    ["signature", ""],
  ])("does not open with another %s (%s)", async (name, value) => {
    const { url } = await uploadPhoto(await signIn());
    expect((await follow(withParameter(url, name, value))).status).toBe(404);
  });

  test("does not open another file's address", async () => {
    const { id, url } = await uploadPhoto(await signIn());
    expect((await follow(url.replace(`/uploads/${id}`, `/uploads/${newId()}`))).status).toBe(404);
  });

  test("says so when it has run out", async () => {
    const { url } = await uploadPhoto(await signIn());
    vi.useFakeTimers({ now: Date.now() + 3 * HOUR_MS, toFake: ["Date"] });
    const response = await follow(url);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "forbidden", detail: "This link has run out." });
  });

  test("is the same in every list within the hour, and works for at least an hour", async () => {
    vi.useFakeTimers({ now: Math.ceil(Date.now() / DAY_MS) * DAY_MS + 1, toFake: ["Date"] });
    const { url, id } = await uploadPhoto(await signIn());
    const expires = Number(new URL(url).searchParams.get("expires")) * 1_000;
    expect(expires - Date.now()).toBeGreaterThanOrEqual(HOUR_MS);
    expect(expires - Date.now()).toBeLessThanOrEqual(2 * HOUR_MS);
    expect(url).toContain(`/uploads/${id}?`);
  });
});

describe("a part of an object", () => {
  test("costs one read of the bucket, once its length is known", async () => {
    const { url } = await uploadPhoto(await signIn());
    const { pathname, search } = new URL(url);
    const asked: string[] = [];
    const BUCKET = new Proxy(env.BUCKET, {
      get(bucket, name) {
        asked.push(String(name));
        const method: unknown = Reflect.get(bucket, name);
        return typeof method === "function" ? method.bind(bucket) : method;
      },
    });
    for (const range of ["bytes=0-4", "bytes=5-9", "bytes=-3"]) {
      const answer = await callWith({ BUCKET }, `${pathname}${search}`, { Range: range });
      expect([range, answer.status]).toEqual([range, 206]);
      await answer.arrayBuffer();
    }
    expect(asked).toEqual(["head", "get", "get", "get"]);
  });
});

describe("the door for links", () => {
  /** The levels of the lines that following a link leaves in the log where all are written. */
  async function levelsOf(url: string): Promise<string[]> {
    const { pathname, search } = new URL(url);
    const log = vi.spyOn(console, "log");
    await (await callWith({ LOG_LEVEL: "debug" }, pathname + search)).arrayBuffer();
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    log.mockRestore();
    expect(lines.filter(({ msg, requestId, traceId }) => msg !== "request" || !requestId || !traceId)).toEqual([]);
    return lines.map(({ level }) => level);
  }

  test("leaves what went well to the gateway's line, and tells what it refused", async () => {
    const { url } = await uploadPhoto(await signIn());
    expect(await levelsOf(url)).toEqual(["debug"]);
    expect(await levelsOf(withParameter(url, "name", "other.png"))).toEqual(["info"]);
  });

  test("answers failures as the app does, under the id of the request", async () => {
    const { url } = await uploadPhoto(await signIn());
    const { pathname, search } = new URL(url);
    const answer = await callWith({ SIGNING_SECRET: "" }, `${pathname}${search}`, { "X-Request-Id": "my-own-id-42" });
    expect([answer.status, answer.headers.get("X-Request-Id")]).toEqual([500, "my-own-id-42"]);
    expect(await answer.json()).toMatchObject({ code: "misconfigured", requestId: "my-own-id-42" });
  });
});

describe("reading bytes", () => {
  const whole = png();
  test.each([
    ["bytes=0-9", 0, 10],
    ["bytes=10-", 10, whole.length - 10],
    ["bytes=-5", whole.length - 5, 5],
    [`bytes=10-${whole.length + 100}`, 10, whole.length - 10],
  ])("answers %s with that part", async (range, offset, length) => {
    const { url } = await uploadPhoto(await signIn());
    const response = await follow(url, { Range: range });
    expect(response.status).toBe(206);
    expect(response.headers.get("Content-Range")).toBe(`bytes ${offset}-${offset + length - 1}/${whole.length}`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(whole.slice(offset, offset + length));
  });

  test("answers 416 with the size to a part beyond the end", async () => {
    const { url } = await uploadPhoto(await signIn());
    const response = await follow(url, { Range: `bytes=${whole.length}-` });
    expect([response.status, response.headers.get("Content-Range")]).toEqual([416, `bytes */${whole.length}`]);
  });

  test.each(["bytes=5-2", "bytes=0-1,4-5", "pages=1-2", "bytes=-"])("ignores the odd range %s", async (range) => {
    const { url } = await uploadPhoto(await signIn());
    const response = await follow(url, { Range: range });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(whole.length);
  });

  test("answers 304 to a client that has them, and everything where its part is of other bytes", async () => {
    const { url } = await uploadPhoto(await signIn());
    const etag = (await follow(url)).headers.get("ETag") ?? "";
    expect((await follow(url, { "If-None-Match": etag })).status).toBe(304);
    expect((await follow(url, { "If-None-Match": '"other"' })).status).toBe(200);
    expect((await follow(url, { Range: "bytes=0-1", "If-Range": etag })).status).toBe(206);
    expect((await follow(url, { Range: "bytes=0-1", "If-Range": '"other"' })).status).toBe(200);
  });

  test("answers HEAD with the headers alone", async () => {
    const { url } = await uploadPhoto(await signIn());
    const response = await follow(url, {}, "HEAD");
    expect([response.status, response.headers.get("Content-Length")]).toEqual([200, String(whole.length)]);
    expect(await response.text()).toBe("");
  });

  test.each(["/uploads/:id", "/api/files/:id", "/api/images/:id/original"])("by %s lets the owner in", async (path) => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const response = await call(path.replace(":id", id), { as: john });
    expect(response.status).toBe(200);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(whole);
    expect(response.headers.get("Cache-Control")).toBe("private, no-cache");
    expect(response.headers.get("Cross-Origin-Resource-Policy")).not.toBe("cross-origin");
  });

  test("without a signature and without signing in finds nothing", async () => {
    const { id } = await uploadPhoto(await signIn());
    expect((await call(`/uploads/${id}`)).status).toBe(404);
  });

  test("of a size that is not made yet is answered 409, of an unknown size 404", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const early = await call(`/api/images/${id}/small`, { as: john });
    expect([early.status, (await early.json<{ code: string }>()).code]).toEqual([409, "not_ready"]);
    expect((await call(`/api/images/${id}/gigantic`, { as: john })).status).toBe(404);
  });

  test.each(TRICKS)(
    "takes no path for an id, written with %s: the answer is that to an id of nobody's",
    async (trick) => {
      const john = await signIn();
      const { id } = await uploadPhoto(john);
      const [key = ""] = await storedKeys();
      const answerTo = async (path: string) => {
        const answer = await call(path, { as: john });
        return { path, status: answer.status, body: { ...(await answer.json<object>()), requestId: "" } };
      };
      const pieces = [trick, `${trick}etc${trick}passwd`, `${trick}${key}`, `${id}${trick}`, `${id}${trick}original`];
      const paths = ["/uploads/", `/uploads/${id}/`, "/s/"].flatMap((prefix) =>
        // What a URL itself resolves is no path below here any more.
        pieces.map((piece) => prefix + piece).filter((path) => new URL(path, "http://any").pathname.startsWith(prefix)),
      );
      const { body } = await answerTo(`/uploads/${newId()}`);
      const answers = await Promise.all([...paths, `/uploads/${key}`, `/api/files/${id}%00`].map(answerTo));
      for (const answer of answers) expect(answer).toEqual({ path: answer.path, status: 404, body });
    },
  );
});
