import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import type { CreatedKey } from "../../../shared/contracts/keys.ts";
import { SIGNATURE_WINDOW_SECONDS } from "../../../workers/auth/src/api-keys/request-signature.ts";
import {
  contentDigest,
  newKeyPair,
  type SigningOptions,
  signRequest,
  type UnsignedRequest,
} from "../../support/sign-request.ts";
import { call } from "../call.ts";
import { register, rpc, sessionsOf } from "./people.ts";

const GET: UnsignedRequest = { method: "GET", url: "http://halftone.test/api/images?limit=2" };
const POST: UnsignedRequest = { method: "POST", url: "http://halftone.test/api/orders", body: '{"product":"Mug"}' };
const NONCE = "a-nonce-of-sixteen-or-more";

const nowSeconds = () => Math.floor(Date.now() / 1_000);

let key: CreatedKey;
let privateKey: CryptoKey;

beforeEach(async () => {
  const pair = await newKeyPair();
  privateKey = pair.privateKey;
  const json = { name: "shop", scopes: ["images:read"], requireSignature: true, publicKey: pair.publicKey };
  key = await (await call("/api/keys", { as: await register(), json })).json<CreatedKey>();
});

/** Shows the key to auth as the gateway does, with a request as it arrives. */
async function show({ method, url }: UnsignedRequest, headers: Record<string, string>) {
  return rpc.AuthService.exchange(key.key, {
    ip: null,
    userAgent: null,
    method,
    url,
    headers: Object.entries(headers),
  });
}

function sign(request: UnsignedRequest, options: SigningOptions = {}) {
  return signRequest(key.id, privateKey, request, options);
}

const REFUSED = { ok: false, failure: { code: "invalid_signature" } };

describe("a key that demands signatures", () => {
  test.each([
    ["without a body", GET],
    ["with a body", POST],
  ])("opens for a request %s that is signed, and is asked about every one", async (_, request) => {
    const shown = await show(request, await sign(request));
    expect(shown).toMatchObject({ ok: true, value: { sessionId: key.id, everyRequest: true } });
  });

  test("opens where the signature names its algorithm and covers other headers too", async () => {
    const headers = await sign(GET, { alg: "ed25519" });
    expect(await show(GET, { ...headers, "User-Agent": "müller" })).toMatchObject({ ok: true });
  });

  test("stays shut for a request without a signature", async () => {
    expect(await show(GET, {})).toMatchObject(REFUSED);
  });

  test.each<[string, UnsignedRequest]>([
    ["method", { ...GET, method: "DELETE" }],
    ["path", { ...GET, url: GET.url.replace("images", "files") }],
    ["query", { ...GET, url: GET.url.replace("limit=2", "limit=3") }],
    ["lack of a query", { ...GET, url: GET.url.replace("?limit=2", "") }],
  ])("stays shut when the %s was changed on the way", async (_, changed) => {
    expect(await show(changed, await sign(GET))).toMatchObject(REFUSED);
  });

  test("stays shut when the Content-Digest was changed, dropped or added on the way", async () => {
    const headers = await sign(POST);
    const other = { "Content-Digest": await contentDigest("another body") };
    expect(await show(POST, { ...headers, ...other })).toMatchObject(REFUSED);
    const { "Content-Digest": _, ...without } = await sign(POST);
    expect(await show(POST, without)).toMatchObject(REFUSED);
    expect(await show(GET, { ...(await sign(GET)), ...other })).toMatchObject(REFUSED);
  });

  test.each(["@method", "@path", "@query", "content-digest"])("stays shut when %s is not signed", async (name) => {
    const covered = ["@method", "@path", "@query", "content-digest"].filter((component) => component !== name);
    expect(await show(POST, await sign(POST, { covered }))).toMatchObject(REFUSED);
  });

  test.each<[string, SigningOptions]>([
    ["too old", { created: nowSeconds() - SIGNATURE_WINDOW_SECONDS - 60 }],
    ["from the future", { created: nowSeconds() + 120 }],
    ["for another key", { keyid: "another-key" }],
    ["by another algorithm", { alg: "hmac-sha256" }],
    ["with too short a nonce", { nonce: "short" }],
    ["with too long a nonce", { nonce: "n".repeat(129) }],
  ])("stays shut for a signature %s", async (_, options) => {
    expect(await show(GET, await sign(GET, options))).toMatchObject(REFUSED);
  });

  test("stays shut for a signature of somebody else", async () => {
    const stranger = await newKeyPair();
    expect(await show(GET, await signRequest(key.id, stranger.privateKey, GET))).toMatchObject(REFUSED);
  });

  test.each(["created", "nonce", "keyid"])("stays shut when the signature has no %s", async (parameter) => {
    const headers = await sign(GET);
    const input = headers["Signature-Input"]?.replace(new RegExp(`;${parameter}=("[^"]*"|\\d+)`), "") ?? "";
    expect(await show(GET, { ...headers, "Signature-Input": input })).toMatchObject(REFUSED);
  });

  test.each([
    ["nothing", ""],
    ["no list", "sig=1"],
    ["a component that nobody knows", 'sig=("@method" "@path" "@query" "@body");created=1;nonce="n";keyid="k"'],
    ["a loose parenthesis", 'sig=("@method"'],
    ["a component twice", 'sig=("@method" "@method" "@path" "@query");created=1;nonce="n";keyid="k"'],
  ])("stays shut for a Signature-Input of %s", async (_, input) => {
    expect(await show(GET, { ...(await sign(GET)), "Signature-Input": input })).toMatchObject(REFUSED);
  });

  test("stays shut for the right signature with the wrong secret, which then costs no nonce", async () => {
    const headers = await sign(GET);
    const use = { ip: null, userAgent: null, method: GET.method, url: GET.url, headers: Object.entries(headers) };
    const guessed = key.key.slice(0, -43) + "A".repeat(43);
    expect(await rpc.AuthService.exchange(guessed, use)).toMatchObject({
      ok: false,
      failure: { code: "invalid_credential" },
    });
    expect(await show(GET, headers)).toMatchObject({ ok: true });
  });
});

describe("a nonce", () => {
  test("opens once, whatever else is signed with it", async () => {
    const headers = await sign(GET, { nonce: NONCE });
    expect(await show(GET, headers)).toMatchObject({ ok: true });
    expect(await show(GET, headers)).toMatchObject(REFUSED);
    expect(await show(POST, await sign(POST, { nonce: NONCE }))).toMatchObject(REFUSED);
  });

  test("opens once of fifty at the same time", async () => {
    const headers = await sign(GET, { nonce: NONCE });
    const shown = await Promise.all(Array.from({ length: 50 }, () => show(GET, headers)));
    expect(shown.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test("is remembered as long as its signature could pass, and then forgotten", async () => {
    const created = nowSeconds();
    await show(GET, await sign(GET, { nonce: NONCE, created }));
    const opensAgain = (seconds: number) =>
      runInDurableObject(sessionsOf(key.userId), (sessions) =>
        sessions.spendNonce(key.id, NONCE, Number.MAX_SAFE_INTEGER, (created + seconds) * 1_000),
      );
    expect(await opensAgain(SIGNATURE_WINDOW_SECONDS + 30)).toBe(false);
    expect(await opensAgain(SIGNATURE_WINDOW_SECONDS + 32)).toBe(true);
  });
});
