import { EVENT_SOURCES, type EventSource, type OutboxApi, type RequestOrigin } from "../../../shared/contracts/rpc.ts";
import type { RedriveEvents, RedrivenEvents, SetAsideView } from "../../../shared/contracts/set-aside.ts";

/** Of each service at most: more than anybody reads, and less than an answer may hold. */
const LISTED_PER_SERVICE = 100;

export type Outboxes = Record<EventSource, Pick<OutboxApi, "setAsideEvents" | "redriveEvents">>;

/** What the log refused for good, of every service that says. */
export async function listSetAside(outboxes: Outboxes): Promise<SetAsideView> {
  const { said, away } = await askEach(EVENT_SOURCES, async (service) => {
    const notes = await outboxes[service].setAsideEvents(LISTED_PER_SERVICE);
    return notes.map((note) => ({ service, ...note }));
  });
  return { events: said.flat(), away };
}

/** Has events offered to the log again. Those that it still refuses come back. */
export async function redriveEvents(
  outboxes: Outboxes,
  { userId, sessionId, keyId, ip, userAgent, requestId }: RequestOrigin,
  { service, eventId }: RedriveEvents,
): Promise<RedrivenEvents> {
  const origin = { userId, sessionId, keyId, ip, userAgent, requestId };
  const services = service === undefined ? EVENT_SOURCES : [service];
  const { said, away } = await askEach(services, (one) => outboxes[one].redriveEvents(origin, eventId ?? null));
  return { redriven: said.reduce((all, some) => all + some, 0), away };
}

/** Asks services side by side; one that is away holds up none of the others. */
async function askEach<Answer>(services: readonly EventSource[], question: (service: EventSource) => Promise<Answer>) {
  const said: Answer[] = [];
  const away: EventSource[] = [];
  const asked = services.map(async (service) => {
    try {
      said.push(await question(service));
    } catch {
      away.push(service);
    }
  });
  await Promise.all(asked);
  return { said, away };
}
