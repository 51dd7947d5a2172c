import { describe, expect, test } from "vitest";
import { signIn } from "../sign-in.ts";
import { Box, deliveries, doors, eventually, failedOnce, loggedEvent, makeWebhook, tryNow } from "./support.ts";

/** What is kept of an answer's body. */
const KEPT = 4_096;

describe("a receiver that", () => {
  test.each([
    ["answers 500", "status-500", "status", 500],
    ["does not answer", "hang", "timeout", null],
    ["answers drop by drop without an end", "drip", "timeout", 200],
    ["resets the connection", "reset", "connection_failed", null],
    ["breaks off in the middle of its answer", "break-off", "answer_broken_off", 200],
    ["answers with a flood", "huge", "answer_too_large", 200],
    ["leads elsewhere", "redirect", "redirect", 302],
  ])("%s has not taken the event, and gets it again", async (_what, behaviour, reason, status) => {
    const [john, box] = [await signIn(), new Box(behaviour)];
    const { id } = await makeWebhook(john, box.url);
    const event = loggedEvent(john.id, 0);
    await doors.WebhooksService.acceptEvents([event]);
    const { log } = await failedOnce(john, id);
    expect([log[0]?.reason, log[0]?.answer?.status ?? null]).toEqual([reason, status]);
    expect(log[0]?.answer?.body.length ?? 0).toBeLessThanOrEqual(KEPT);
    await box.become("ok");
    await tryNow(id);
    expect((await box.receives(2)).map(({ headers }) => headers["webhook-id"])).toEqual([event.id, event.id]);
    await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(1));
  });

  test("is well again is sent the event by itself, after some seconds", async () => {
    const [john, box] = [await signIn(), new Box("status-500")];
    const { id } = await makeWebhook(john, box.url);
    await doors.WebhooksService.acceptEvents([loggedEvent(john.id, 0)]);
    await failedOnce(john, id);
    await box.become("ok");
    expect(await box.receives(2)).toHaveLength(2);
    await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(1));
  });

  test("is not there has not taken the event", async () => {
    const john = await signIn();
    const { id } = await makeWebhook(john, "http://127.0.0.1:1/hook");
    await doors.WebhooksService.acceptEvents([loggedEvent(john.id, 0)]);
    expect((await failedOnce(john, id)).log[0]).toMatchObject({ reason: "connection_failed", answer: null });
  });
});
