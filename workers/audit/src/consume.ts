import * as z from "zod";
import { EVENT_SOURCES, type EventSource, type EventsWaiting, type OutboxApi } from "../../../shared/contracts/rpc.ts";
import { createLogger, describeError, type Logger } from "../../../shared/log.ts";
import type { Env } from "./env.ts";
import { type PullDeps, type PullOutcome, pullEvents } from "./pull-events.ts";

/** The outboxes of the services. */
export function outboxesOf(env: Env): Record<EventSource, OutboxApi> {
  return {
    auth: env.AUTH_OUTBOX,
    images: env.IMAGES_OUTBOX,
    orders: env.ORDERS_OUTBOX,
    webhooks: env.WEBHOOKS_OUTBOX,
  };
}

const Nudge: z.ZodType<EventsWaiting> = z.object({ service: z.enum(EVENT_SOURCES), object: z.string().nullable() });

/** A place that holds events, and the messages that announced it: they all say the same. */
interface Home {
  waiting: EventsWaiting;
  messages: Message[];
}

const RETRY_MAX_SECONDS = 60;

/** The consumer of the events queue: a message says only which home has events. */
export async function consume(batch: MessageBatch, env: Env): Promise<void> {
  const log = createLogger(env);
  const homes = groupByHome(batch.messages, log);
  await Promise.all(homes.map((home) => visit(home, env, log)));
}

function groupByHome(messages: readonly Message[], log: Logger): Home[] {
  const homes = new Map<string, Home>();
  for (const message of messages) {
    const parsed = Nudge.safeParse(message.body);
    if (!parsed.success) {
      log.error("malformed message dropped", { messageId: message.id, error: parsed.error.issues[0]?.message });
      message.ack();
      continue;
    }
    const waiting = parsed.data;
    const key = `${waiting.service} ${waiting.object ?? ""}`;
    const home = homes.get(key) ?? { waiting, messages: [] };
    home.messages.push(message);
    homes.set(key, home);
  }
  return [...homes.values()];
}

async function visit({ waiting, messages }: Home, env: Env, log: Logger): Promise<void> {
  const homeLog = log.with({ from: waiting.service, object: waiting.object });
  try {
    const outcome = await pull(waiting, env, homeLog);
    if (outcome === "log_away") return retryLater(messages);
    if (outcome === "more_waiting") await env.EVENTS.send(waiting);
    for (const message of messages) message.ack();
  } catch (error) {
    homeLog.warn("events postponed", { error: describeError(error) });
    retryLater(messages);
  }
}

function pull({ service, object }: EventsWaiting, env: Env, log: Logger): Promise<PullOutcome> {
  const outbox = outboxesOf(env)[service];
  const deps: PullDeps = {
    takeEvents: (from, settlement, limit) => outbox.takeEvents(from, settlement, limit),
    append: (account, events) => env.LOG.getByName(account).append(events),
    log,
  };
  return pullEvents(deps, object);
}

/** Keeps the message that has waited longest, later each time. Through an outage one per home is enough. */
function retryLater(messages: Message[]): void {
  const [kept, ...others] = messages.toSorted((a, b) => b.attempts - a.attempts);
  for (const message of others) message.ack();
  if (kept !== undefined) kept.retry({ delaySeconds: Math.min(2 ** kept.attempts, RETRY_MAX_SECONDS) });
}
