import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { doorWith } from "./door.ts";

const ETAG = '"24759c20ce78ab957509f68c03a9d10b"';
const HOUR_SECONDS = 3_600;
const GENERATION = 1_000;

/** What images says of an object behind a link. */
interface Said {
  status: number;
  headers: Record<string, string>;
}

const GOOD: Said = {
  status: 304,
  headers: {
    "Content-Type": "image/webp",
    "Content-Disposition": `inline; filename="sea.webp"; filename*=UTF-8''sea.webp`,
    ETag: ETAG,
    "Cache-Control": `private, max-age=${HOUR_SECONDS}, immutable`,
    "Accept-Ranges": "bytes",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
  },
};
const GONE: Said = { status: 404, headers: { "Content-Type": "application/problem+json" } };
const FAILED: Said = { status: 500, headers: { "Content-Type": "application/problem+json" } };

function withHeaders(headers: Record<string, string>): Said {
  return { ...GOOD, headers: { ...GOOD.headers, ...headers } };
}

/** What images says now, and how often it was asked. */
let said: Said;
let asked: number;

beforeEach(() => {
  said = GOOD;
  asked = 0;
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const images = {
  async fetch(request: Request) {
    asked += 1;
    const headers = { ...said.headers, "X-Request-Id": request.headers.get("X-Request-Id") ?? "" };
    return new Response(null, { status: said.status, headers });
  },
};
const IMAGES_HTTP = images as unknown as Fetcher;
const door = doorWith({ IMAGES_HTTP });

const newLink = () => `/uploads/${newId()}?expires=1&key=x&signature=${newId()}`;

function follow(link: string, headers: Record<string, string> = { "If-None-Match": ETAG }, by = door) {
  return by(link, headers);
}

function wait(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

function fieldsOf(answer: Response): Record<string, string> {
  const { "x-request-id": _, age: __, ...fields } = Object.fromEntries(answer.headers);
  return fields;
}

describe("a link whose bytes a client has", () => {
  test("is asked of images once, and told to others with the same words and their age", async () => {
    const link = newLink();
    const long = await follow(link);
    wait(20);
    const short = await follow(link);
    expect([long.status, short.status, asked]).toEqual([304, 304, 1]);
    expect(fieldsOf(short)).toEqual(fieldsOf(long));
    expect(fieldsOf(short)).toMatchObject({ etag: ETAG, "x-frame-options": "DENY" });
    expect([long.headers.get("Age"), short.headers.get("Age")]).toEqual([null, "21"]);
  });

  test("is told to HEAD as to GET, and to weak tags and lists of them (RFC 9110 §13.1.2)", async () => {
    const link = newLink();
    await follow(link);
    const head = await door(link, { "If-None-Match": ETAG }, "HEAD");
    const listed = await follow(link, { "If-None-Match": `"other", W/${ETAG}` });
    expect([head.status, listed.status, asked]).toEqual([304, 304, 1]);
  });

  test.each([
    ["with another tag", { "If-None-Match": '"other"' }],
    ["with *", { "If-None-Match": "*" }],
    ["without a condition", {}],
    ["from a page of another origin", { "If-None-Match": ETAG, Origin: "https://shop.example" }],
  ])("is asked of images by a client %s", async (_, headers) => {
    const link = newLink();
    await follow(link);
    await follow(link, headers);
    expect(asked).toBe(2);
  });

  test.each([
    ["another id", (link: string) => link.replace("/uploads/", "/uploads/0")],
    ["another signature", (link: string) => `${link}0`],
    ["another field", (link: string) => link.replace("key=x", "key=y")],
    ["another order", (link: string) => link.replace("expires=1&key=x", "key=x&expires=1")],
  ])("is known by its whole address: with %s images is asked", async (_, changed) => {
    const link = newLink();
    await follow(link);
    said = GONE;
    expect([(await follow(changed(link))).status, asked]).toEqual([404, 2]);
  });

  test("says the same to caches where pages of other origins may read it", async () => {
    const link = newLink();
    const listed = doorWith({ IMAGES_HTTP, CORS_ORIGINS: "https://shop.example" });
    await follow(link, undefined, listed);
    const short = await follow(link, undefined, listed);
    expect([short.headers.get("Vary"), asked]).toEqual(["Origin", 1]);
  });

  test("is held back from an address that floods", async () => {
    const link = newLink();
    await follow(link);
    const flooded = doorWith({ IMAGES_HTTP, SHIELD: { limit: async () => ({ success: false }) } });
    const address = { "If-None-Match": ETAG, "CF-Connecting-IP": "198.51.100.9" };
    expect((await follow(link, address, flooded)).status).toBe(429);
  });

  test("leaves its line in the log, under the id of the request", async () => {
    const link = newLink();
    await follow(link);
    const log = vi.spyOn(console, "log");
    const headers = { "If-None-Match": ETAG, "X-Request-Id": "my-own-id-304" };
    const answer = await follow(link, headers, doorWith({ IMAGES_HTTP, LOG_LEVEL: "info" }));
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    log.mockRestore();
    expect(answer.headers.get("X-Request-Id")).toBe("my-own-id-304");
    expect(lines).toMatchObject([{ msg: "request", status: 304, route: "/uploads/*", requestId: "my-own-id-304" }]);
  });
});

describe("what images has said of a link holds", () => {
  /** Whether images is asked again, so many seconds after it has said something. */
  async function isAskedAfter(seconds: number, first: Said): Promise<boolean> {
    said = first;
    const link = newLink();
    await follow(link);
    wait(seconds);
    await follow(link);
    return asked === 2;
  }

  test("for less than a minute", async () => {
    expect(await isAskedAfter(58, GOOD)).toBe(false);
  });

  test("no longer than that, so that what was deleted is 404 within a minute", async () => {
    const link = newLink();
    await follow(link);
    said = GONE;
    wait(60);
    expect((await follow(link)).status).toBe(404);
  });

  test("for as much less as images itself has not looked", async () => {
    const aged = withHeaders({ Age: "50" });
    expect(await isAskedAfter(8, aged)).toBe(false);
    asked = 0;
    expect(await isAskedAfter(9, aged)).toBe(true);
  });

  test("no longer than the link works", async () => {
    const ending = withHeaders({ "Cache-Control": "private, max-age=5, immutable" });
    expect(await isAskedAfter(4, ending)).toBe(false);
    asked = 0;
    expect(await isAskedAfter(5, ending)).toBe(true);
  });

  test.each([
    ["is no link's answer", withHeaders({ "Cache-Control": "public, max-age=30" })],
    ["has a weak tag", withHeaders({ ETag: `W/${ETAG}` })],
    ["sends bytes", { ...GOOD, status: 200 }],
    ["is a refusal", GONE],
    ["is a failure", FAILED],
  ])("not at all where it %s", async (_, answer) => {
    expect(await isAskedAfter(1, answer)).toBe(true);
  });

  test.each([
    ["found nothing", GONE],
    ["failed", FAILED],
  ])("until it has %s", async (_, answer) => {
    const link = newLink();
    await follow(link);
    said = answer;
    await follow(link, {});
    await follow(link);
    expect(asked).toBe(3);
  });

  test("for as many links as two generations have, the latest of them", async () => {
    const first = newLink();
    await follow(first);
    for (let count = 0; count < 2 * GENERATION; count++) await follow(newLink());
    const last = newLink();
    await follow(last);
    asked = 0;
    await follow(last);
    expect(asked).toBe(0);
    await follow(first);
    expect(asked).toBe(1);
  });

  test("not for an address of more than a thousand characters", async () => {
    const link = `${newLink()}&name=${"x".repeat(1_024)}`;
    await follow(link);
    await follow(link);
    expect(asked).toBe(2);
  });
});
