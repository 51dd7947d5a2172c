import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { eventsJsonSchema, PUBLIC_EVENT_TYPES, WEBHOOK_TEST } from "../../../shared/contracts/event-schemas.ts";
import { EVENT_KINDS } from "../../../shared/contracts/events.ts";
import { ownEvent } from "../../../workers/webhooks/src/webhooks/own-event.ts";

const schema = eventsJsonSchema();
const ajv = new Ajv2020();
addFormats.default(ajv);
const isValid = ajv.compile(schema);

const EVENT = {
  id: "01a1ff76-7a9e-7660-bc83-f2aceb406929",
  index: 4,
  type: "order.created",
  resource: "01a1ff76-79da-72f3-a13c-8ab23a58bbd4",
  sequence: 1,
  occurredAt: "2026-11-21T18:55:17.150Z",
  metadata: { product: "Mug", quantity: 1, priceCents: 500 },
  actor: { userId: "01a1ff75-ff87-725a-a76f-fe53e4f71541", keyId: null },
};

describe("the schema of events", () => {
  test("defines each kind that leaves, and no other", () => {
    const leaving = Object.entries(EVENT_KINDS).flatMap(([type, { subscribers }]) =>
      subscribers.some((name) => name === "webhooks") ? [type] : [],
    );
    expect(PUBLIC_EVENT_TYPES).toEqual(leaving);
    expect(Object.keys(schema.$defs).sort()).toEqual([...leaving, WEBHOOK_TEST].sort());
  });

  test("takes an event, and one that has grown", () => {
    expect(isValid(EVENT)).toBe(true);
    expect(isValid({ ...EVENT, traceId: "1", metadata: { ...EVENT.metadata, colour: "red" } })).toBe(true);
    expect(isValid({ ...EVENT, type: WEBHOOK_TEST, index: null, metadata: {} })).toBe(true);
  });

  test("takes the event of a webhook that was given up", () => {
    const origin = { userId: null, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: null };
    const webhook = { id: EVENT.resource, userId: EVENT.actor.userId, url: "https://shop.example.com/x", version: 2 };
    const { metadata } = ownEvent(origin, "webhook.disabled", webhook, { reason: "gone" });
    expect(isValid({ ...EVENT, type: "webhook.disabled", metadata })).toBe(true);
  });

  test.each([
    ["an unknown kind", { type: "order.lost" }],
    ["another kind's metadata", { type: "image.completed" }],
    ["metadata that lack something", { metadata: { product: "Mug" } }],
    ["no place in the log", { index: null }],
    ["a time that is none", { occurredAt: "yesterday" }],
  ])("refuses %s", (_what, changes) => {
    expect(isValid({ ...EVENT, ...changes })).toBe(false);
  });
});
