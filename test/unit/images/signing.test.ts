import { describe, expect, test } from "vitest";
import {
  type LinkClaims,
  linkExpiry,
  readLink,
  readQuery,
  type SigningSecrets,
  signLink,
} from "../../../workers/images/src/delivery/signing.ts";

const FIRST = "0123456789abcdef0123456789abcdef-first";
const SECOND = "0123456789abcdef0123456789abcdef-second";
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const claims: LinkClaims = {
  fileId: "0198c0de-0000-7000-8000-000000000001",
  key: "user/file/1/original",
  mimeType: "image/jpeg",
  etag: "abc",
  name: "a & b = ü.jpg",
  expires: 2_000_000_000,
};

async function open(secrets: SigningSecrets, path: string): Promise<LinkClaims | null> {
  const [, id = "", query = ""] = /^\/uploads\/([^?]+)\?(.*)$/.exec(path) ?? [];
  return readLink(secrets, id, readQuery(query) ?? new Map());
}

describe("a signed link", () => {
  test("carries all that it opens, and comes back whole", async () => {
    const secrets = { SIGNING_SECRET: FIRST };
    for (const signed of [claims, { ...claims, cuts: "2.40,100.7" }, { ...claims, cuts: "" }]) {
      expect(await open(secrets, signLink(secrets, signed))).toEqual(signed);
    }
  });

  test("is an address that shows what it opens, and is longer by the name alone that needs escaping", () => {
    const path = `/uploads/${claims.fileId}?expires=2000000000&key=user/file/1/original&type=image/jpeg&etag=abc`;
    const [unsigned, signature] = signLink({ SIGNING_SECRET: FIRST }, claims, "https://halftone.test").split(
      "&signature=",
    );
    expect(unsigned).toBe(`https://halftone.test${path}&name=a%20%26%20b%20%3D%20%C3%BC.jpg`);
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
  });

  test("opens nothing where one field could pass for several", async () => {
    const secrets = { SIGNING_SECRET: FIRST };
    const doubtful = signLink(secrets, { ...claims, mimeType: "image/jpeg&etag=abc", etag: "def" });
    expect(await open(secrets, doubtful.replace("&etag=def", "%26etag%3Ddef"))).toBeNull();
    for (const [field, value] of [
      ["fileId", "a b"],
      ["key", "user/file/1/original&type=text"],
      ["mimeType", "image/svg+xml"],
      ["etag", "abc%"],
    ] as const) {
      expect(await open(secrets, signLink(secrets, { ...claims, [field]: value })), field).toBeNull();
    }
  });

  test("opens however a client has spelled its fields: in another order, with more of them, blanks as plus signs", async () => {
    const secrets = { SIGNING_SECRET: FIRST };
    const [path = "", query = ""] = signLink(secrets, claims).split("?");
    const reversed = query.split("&").toReversed().join("&");
    for (const spelled of [`${reversed}&utm_source=x`, query.replaceAll("%20", "+")]) {
      expect(await open(secrets, `${path}?${spelled}`)).toEqual(claims);
    }
    // The first of two values counts, as everywhere.
    expect(await open(secrets, `${path}?key=other&${query}`)).toBeNull();
    expect(await open(secrets, `${path}?${query}&key=other`)).toEqual(claims);
  });

  test("opens nothing where its query is not encoded as it must be", () => {
    expect(readQuery("key=%zz&signature=x")).toBeNull();
  });

  test("opens nothing with other cuts, with none, or with cuts it was not made with", async () => {
    const secrets = { SIGNING_SECRET: FIRST };
    const cut = signLink(secrets, { ...claims, cuts: "2.40" });
    expect(await open(secrets, cut.replace("cuts=2.40", "cuts=2.41"))).toBeNull();
    expect(await open(secrets, cut.replace("&cuts=2.40", ""))).toBeNull();
    expect(await open(secrets, `${signLink(secrets, claims)}&cuts=2.40`)).toBeNull();
  });

  test("goes on opening while the secret changes, and no longer than the one before is known", async () => {
    const old = signLink({ SIGNING_SECRET: FIRST }, claims);
    const changing = { SIGNING_SECRET: SECOND, SIGNING_SECRET_PREVIOUS: FIRST };
    expect(await open(changing, old)).toEqual(claims);
    expect(await open({ SIGNING_SECRET: SECOND }, old)).toBeNull();
    expect(await open({ SIGNING_SECRET: SECOND }, signLink(changing, claims))).toEqual(claims);
  });
});

describe("a link's end", () => {
  const now = Date.UTC(2026, 0, 1, 10, 20);
  const endsAfter = (seconds?: number) => linkExpiry(now, seconds) - now / 1_000;

  test("lies on the full hour, at least as far away as was asked for and an hour further at most", () => {
    for (const seconds of [undefined, HOUR_SECONDS, DAY_SECONDS, 6 * DAY_SECONDS]) {
      expect(linkExpiry(now, seconds) % HOUR_SECONDS).toBe(0);
      expect(endsAfter(seconds)).toBeGreaterThanOrEqual(seconds ?? HOUR_SECONDS);
      expect(endsAfter(seconds)).toBeLessThanOrEqual((seconds ?? HOUR_SECONDS) + HOUR_SECONDS);
    }
  });

  test("is never further away than seven days, whatever was asked for", () => {
    for (const seconds of [7 * DAY_SECONDS, 70 * DAY_SECONDS]) {
      expect(endsAfter(seconds)).toBeLessThanOrEqual(7 * DAY_SECONDS);
      expect(endsAfter(seconds)).toBeGreaterThan(7 * DAY_SECONDS - HOUR_SECONDS);
    }
  });
});
