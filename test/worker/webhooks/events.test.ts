import { describe, expect, test } from "vitest";
import type { EventsFeed } from "../../../shared/contracts/events-feed.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { doors, loggedEvent } from "./support.ts";

const service = doors.WebhooksService;

async function read(person: Person, query = ""): Promise<EventsFeed> {
  const response = await call(`/api/events${query}`, { as: person });
  expect(response.status).toBe(200);
  return response.json();
}

const indexesOf = (feed: EventsFeed) => feed.events.map((event) => event.index);

describe("the feed of one's events", () => {
  test("begins with the oldest and goes on behind a cursor until nothing newer is there", async () => {
    const john = await signIn();
    await service.acceptEvents([0, 2, 3, 7].map((index) => loggedEvent(john.id, index)));
    const first = await read(john, "?limit=3");
    expect([indexesOf(first), first.next]).toEqual([[0, 2, 3], 3]);
    const second = await read(john, `?limit=3&after=${first.next}`);
    expect([indexesOf(second), second.next]).toEqual([[7], 7]);
    expect(await read(john, `?after=${second.next}`)).toEqual({ events: [], next: null });

    await service.acceptEvents([loggedEvent(john.id, 8)]);
    expect(indexesOf(await read(john, `?after=${second.next}`))).toEqual([8]);
  });

  test("names its next page as long as there is one", async () => {
    const john = await signIn();
    await service.acceptEvents([0, 2, 3].map((index) => loggedEvent(john.id, index)));
    const first = await call("/api/events?limit=2", { as: john });
    const link = /^<(.*)>; rel="next"$/.exec(first.headers.get("Link") ?? "")?.[1];
    expect(link).toBe("/api/events?limit=2&after=2");
    const second = await call(link ?? "", { as: john });
    expect([indexesOf(await second.json()), second.headers.get("Link")]).toEqual([[3], null]);
  });

  test("says what happened and who did it, never from where", async () => {
    const john = await signIn();
    const event = loggedEvent(john.id, 4);
    await service.acceptEvents([event]);
    const { id, type, resource, occurredAt } = event;
    expect((await read(john)).events).toEqual([
      {
        id,
        index: 4,
        type,
        resource,
        sequence: 1,
        occurredAt,
        metadata: { quantity: 2 },
        actor: { userId: john.id, keyId: null },
      },
    ]);
  });

  test("holds an event once, however often it is handed over", async () => {
    const john = await signIn();
    const events = [0, 1, 2].map((index) => loggedEvent(john.id, index));
    await service.acceptEvents(events.slice(0, 2));
    await service.acceptEvents(events);
    await service.acceptEvents([]);
    expect(indexesOf(await read(john))).toEqual([0, 1, 2]);
  });

  test("holds nothing of other accounts", async () => {
    const [john, jane] = [await signIn(), await signIn()];
    await service.acceptEvents([loggedEvent(john.id, 0)]);
    await service.acceptEvents(Array.from({ length: 100 }, (_, index) => loggedEvent(jane.id, index)));
    expect(indexesOf(await read(john))).toEqual([0]);
    expect((await read(john)).events[0]?.actor.userId).toBe(john.id);
  });

  test.each(["?limit=0", "?limit=101", "?after=-1", "?after=x"])("refuses %s", async (query) => {
    expect((await call(`/api/events${query}`, { as: await signIn() })).status).toBe(422);
  });
});

describe("the door", () => {
  test("answers 401 to a stranger, says that it is healthy and describes its routes", async () => {
    expect((await call("/api/events")).status).toBe(401);
    expect(await (await call("/health")).json()).toMatchObject({ status: "healthy", service: "webhooks" });
    const document = await (await call("/openapi.json")).json<{ paths: Record<string, object> }>();
    expect(Object.keys(document.paths)).toContain("/api/events");
  });
});
