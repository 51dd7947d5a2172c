import { describe, expect, test, vi } from "vitest";
import type { LoggedEvent } from "../../../shared/contracts/rpc.ts";
import { type Person, signIn } from "../sign-in.ts";
import {
  Box,
  deliveries,
  doors,
  eventually,
  failedOnce,
  holdTheClock,
  loggedEvent,
  makeWebhook,
  tryNow,
} from "./support.ts";

/** What is kept of an answer's body. */
const KEPT = 4_096;

interface Sent {
  john: Person;
  box: Box;
  id: string;
  event: LoggedEvent;
}

/** An event on its way to a receiver that behaves so. */
async function send(behaviour: string): Promise<Sent> {
  const [john, box] = [await signIn(), new Box(behaviour)];
  const { id } = await makeWebhook(john, box.url);
  const event = loggedEvent(john.id, 0);
  await doors.WebhooksService.acceptEvents([event]);
  return { john, box, id, event };
}

/** That the first attempt failed for this reason, and that the event comes again and is taken once all is well. */
async function expectTriedAgain({ john, box, id, event }: Sent, reason: string, status: number | null): Promise<void> {
  const { log } = await failedOnce(john, id);
  expect([log[0]?.reason, log[0]?.answer?.status ?? null]).toEqual([reason, status]);
  expect(log[0]?.answer?.body.length ?? 0).toBeLessThanOrEqual(KEPT);
  await box.become("ok");
  await tryNow(id);
  expect((await box.receives(2)).map(({ headers }) => headers["webhook-id"])).toEqual([event.id, event.id]);
  await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(1));
}

describe("a receiver that", () => {
  test.each([
    ["answers 500", "status-500", "status", 500],
    ["resets the connection", "reset", "connection_failed", null],
    ["breaks off in the middle of its answer", "break-off", "answer_broken_off", 200],
    ["answers with a flood", "huge", "answer_too_large", 200],
    ["leads elsewhere", "redirect", "redirect", 302],
  ])("%s has not taken the event, and gets it again", async (_what, behaviour, reason, status) => {
    await expectTriedAgain(await send(behaviour), reason, status);
  });

  test("does not answer in time has not taken the event, and gets it again", async () => {
    const endTime = holdTheClock();
    const sent = await send("hang");
    await sent.box.receives(1);
    endTime();
    await expectTriedAgain(sent, "timeout", null);
  });

  test("answers drop by drop without an end has not taken the event, and gets it again", async () => {
    const endTime = holdTheClock();
    const fetched = vi.spyOn(globalThis, "fetch");
    const sent = await send("drip");
    const answers = () => fetched.mock.results.filter((_, call) => fetched.mock.calls[call]?.[0] === sent.box.url);
    await eventually(async () => expect(answers()).toHaveLength(1));
    await answers()[0]?.value;
    fetched.mockRestore();
    endTime();
    await expectTriedAgain(sent, "timeout", 200);
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
