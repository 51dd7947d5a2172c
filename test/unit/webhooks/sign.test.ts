import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, test } from "vitest";
import { signedHeaders } from "../../../workers/webhooks/src/delivery/sign.ts";
import { newSecret } from "../../../workers/webhooks/src/webhooks/secrets.ts";

const BODY = JSON.stringify({ type: "order.created", metadata: { product: "Tasse à café" } });
const [OLD, NEW] = [newSecret(), newSecret()];

const libraries = [
  ["standardwebhooks", (secret: string) => new StandardWebhook(secret)],
  ["svix", (secret: string) => new SvixWebhook(secret)],
] as const;

describe.each(libraries)("a signed delivery, to the library %s", (_name, receiverWith) => {
  test("is good under its secret, and under either while one replaces the other", () => {
    const accepts = (secret: string, headers: Record<string, string>) => () =>
      receiverWith(secret).verify(BODY, headers);
    expect(accepts(NEW, signedHeaders([NEW], "id-1", Date.now(), BODY))).not.toThrow();
    const headers = signedHeaders([NEW, OLD], "id-1", Date.now(), BODY);
    for (const secret of [OLD, NEW]) expect(accepts(secret, headers)).not.toThrow();
  });

  test.each([
    ["an altered body", (headers: Record<string, string>) => [`${BODY} `, headers] as const],
    ["another id", (headers: Record<string, string>) => [BODY, { ...headers, "webhook-id": "id-2" }] as const],
    ["no signature", (headers: Record<string, string>) => [BODY, { ...headers, "webhook-signature": "" }] as const],
  ])("is refused with %s", (_what, alter) => {
    const [body, headers] = alter(signedHeaders([NEW], "id-1", Date.now(), BODY));
    expect(() => receiverWith(NEW).verify(body, headers)).toThrow();
  });

  test("is refused under another secret, and when it is ten minutes old", () => {
    expect(() => receiverWith(OLD).verify(BODY, signedHeaders([NEW], "id-1", Date.now(), BODY))).toThrow();
    expect(() => receiverWith(NEW).verify(BODY, signedHeaders([NEW], "id-1", Date.now() - 600_000, BODY))).toThrow();
  });
});
