import { describe, expect, test } from "vitest";
import { keySource } from "../../../shared/http/published-keys.ts";

const OWN = { keys: [{ kty: "OKP", kid: "from-auth" }] };
const COPY = { keys: [{ kty: "OKP", kid: "from-the-copy" }] };

const namespaceWith = (value: unknown) =>
  ({ get: () => Promise.resolve(value) }) as unknown as Pick<KVNamespace, "get">;

function keysFrom(jwks: () => Promise<typeof OWN>, copy: unknown) {
  return keySource({ AUTH: { jwks }, PUBLISHED_KEYS: namespaceWith(copy) }).jwks();
}

describe("the keys that tokens are verified with", () => {
  test("are auth's own while it answers", async () => {
    expect(await keysFrom(async () => OWN, COPY)).toEqual(OWN);
  });

  test.each([
    ["throws", () => Promise.reject(new Error("away"))],
    ["hangs", () => new Promise<never>(() => {})],
    ["answers something else", () => Promise.resolve({ welcome: true } as unknown as typeof OWN)],
  ])("are the published copy when auth %s", async (_name, jwks) => {
    expect(await keysFrom(jwks, COPY)).toEqual(COPY);
  });

  test.each([null, {}, { keys: [{ kid: "without-kty" }] }])(
    "are none when the copy is not usable: %j",
    async (copy) => {
      await expect(keysFrom(() => Promise.reject(new Error("away")), copy)).rejects.toThrow("away");
    },
  );
});
