import { describe, expect, test } from "vitest";
import { type CheckedBody, checkBody } from "../../../workers/gateway/src/calls/content-digest.ts";
import { contentDigest } from "../../support/sign-request.ts";

const TEXT = "the body that was signed";
const PIECE_BYTES = 64 * 1024;

function post(body: BodyInit | null, digest?: string, headers: Record<string, string> = {}): Request {
  return new Request("http://halftone.test/api/images", {
    method: "POST",
    body,
    headers: { ...headers, ...(digest !== undefined && { "Content-Digest": digest }) },
  });
}

function checked(request: Request): CheckedBody {
  const result = checkBody(request);
  if (!result.ok) throw new Error(result.failure.detail);
  return result.value;
}

/** Reads a body to its end, or to where it breaks off. */
async function receive({ body }: CheckedBody): Promise<{ bytes: number; broke: boolean }> {
  let bytes = 0;
  try {
    for await (const piece of body ?? []) bytes += piece.length;
    return { bytes, broke: false };
  } catch {
    return { bytes, broke: true };
  }
}

function streamOf(pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function digestOf(hash: "SHA-256" | "SHA-512", bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest(hash, bytes);
  return `${hash.toLowerCase()}=:${btoa(String.fromCharCode(...new Uint8Array(digest)))}:`;
}

describe("the body of a signed request", () => {
  test.each(["SHA-256", "SHA-512"] as const)("arrives whole when its %s digest is right", async (hash) => {
    const bytes = new TextEncoder().encode(TEXT);
    const body = checked(post(bytes, await digestOf(hash, bytes)));
    expect(await new Response(body.body).text()).toBe(TEXT);
    expect(body.isForged()).toBe(false);
  });

  test("never arrives whole when its digest is wrong", async () => {
    const body = checked(post(TEXT, await contentDigest("another body")));
    expect(await receive(body)).toEqual({ bytes: 0, broke: true });
    expect(body.isForged()).toBe(true);
  });

  test("streams through, and only its last piece waits for the digest", async () => {
    const pieces = Array.from({ length: 20 }, () => crypto.getRandomValues(new Uint8Array(PIECE_BYTES)));
    const whole = new Uint8Array(await new Blob(pieces).arrayBuffer());
    const good = checked(post(streamOf(pieces), await contentDigest(whole)));
    expect(await receive(good)).toEqual({ bytes: whole.length, broke: false });

    const forged = checked(post(streamOf(pieces), await contentDigest(TEXT)));
    const received = await receive(forged);
    expect(received.broke).toBe(true);
    expect(received.bytes).toBe(whole.length - PIECE_BYTES);
    expect(forged.isForged()).toBe(true);
  });

  test("breaks off without being forged when its sender goes away", async () => {
    const dying = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(PIECE_BYTES));
        controller.error(new Error("gone"));
      },
    });
    const body = checked(post(dying, await contentDigest(TEXT)));
    expect((await receive(body)).broke).toBe(true);
    expect(body.isForged()).toBe(false);
  });

  test.each([
    ["no Content-Digest", undefined],
    ["one by an algorithm that is broken", "md5=:XUFAKrxLKna5cZ2REBfFkg==:"],
    ["one that cannot be read", "sha-256"],
    ["one that is no byte sequence", 'sha-256="abc"'],
  ])("is refused with %s", (_, digest) => {
    expect(checkBody(post(TEXT, digest))).toMatchObject({ ok: false, failure: { code: "invalid_digest" } });
  });

  test("may be missing, and then needs no digest", () => {
    expect(checked(new Request("http://halftone.test/")).body).toBeNull();
    expect(checked(post(null)).body).toBeNull();
    expect(checked(post("", undefined, { "Content-Length": "0" })).body).toBeNull();
  });
});
