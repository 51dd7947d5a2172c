import { expect, test } from "vitest";
import { attemptDelivery } from "../../../workers/webhooks/src/delivery/attempt-delivery.ts";
import type { StoredWebhook } from "../../../workers/webhooks/src/schema.ts";
import { newSecret, openSecret, sealSecret } from "../../../workers/webhooks/src/webhooks/secrets.ts";

const OLD = { WEBHOOK_SEAL_SECRET: "the-first-sealing-secret-0123456789abcdef" };
const NEW = { WEBHOOK_SEAL_SECRET: "the-second-sealing-secret-0123456789abcde" };
const BOTH = { ...NEW, WEBHOOK_SEAL_SECRET_PREVIOUS: OLD.WEBHOOK_SEAL_SECRET };

test("a sealed secret opens for its webhook alone, under the secret that sealed it or as the one before", async () => {
  const secret = newSecret();
  const sealed = await sealSecret(OLD, "webhook-1", secret);
  expect(await openSecret(OLD, "webhook-1", sealed)).toBe(secret);
  expect(await openSecret(BOTH, "webhook-1", sealed)).toBe(secret);
  expect(await openSecret(NEW, "webhook-1", sealed)).toBeNull();
  expect(await openSecret(OLD, "webhook-2", sealed)).toBeNull();
});

test("an address that may not be called any more is not called", async () => {
  const webhook: StoredWebhook = {
    id: "webhook-1",
    userId: "john",
    url: "http://127.0.0.1:1/hook",
    description: "",
    events: ["*"],
    enabled: true,
    disabledReason: null,
    secret: await sealSecret(NEW, "webhook-1", newSecret()),
    previousSecret: null,
    previousUntil: null,
    version: 1,
    createdAt: "",
    updatedAt: "",
  };
  const settings = { ...NEW, WEBHOOK_TIMEOUT_MS: 1_000, PUBLIC_ORIGIN: "https://photos.example.com" };
  const reasonOf = async (changes: Partial<StoredWebhook>, allowLocal = false) => {
    const outgoing = { id: "an-event", body: "{}" };
    const rules = { ...settings, WEBHOOK_ALLOW_LOCAL: allowLocal };
    return (await attemptDelivery(rules, { ...webhook, ...changes }, outgoing)).reason;
  };
  expect(await reasonOf({})).toBe("address_refused");
  expect(await reasonOf({ url: "https://photos.example.com/hook" })).toBe("address_refused");
  expect(await reasonOf({}, true)).toBe("connection_failed");
});
