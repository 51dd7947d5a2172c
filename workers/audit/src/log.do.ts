import { DurableObject } from "cloudflare:workers";
import { type DomainEvent, EVENT_KINDS } from "../../../shared/contracts/events.ts";
import type { LoggedEvent, Refusal, Settlement } from "../../../shared/contracts/rpc.ts";
import { describeError } from "../../../shared/log.ts";
import { ObjectOutbox } from "../../../shared/outbox/object-store.ts";
import { checkEvent } from "./check-event.ts";
import type { Env } from "./env.ts";
import { HandOver, outboxKey } from "./hand-over.ts";
import { LogEntriesRepo } from "./log-entries.repo.ts";

/** An entry with what it tells of people as far as that is not forgotten: a logged event as JSON, which crosses any call. */
export interface LogEntry {
  body: string;
}

/** The log of one account: its only writer, and the first to pass on what was written. */
export class Log extends DurableObject<Env> {
  readonly #outbox = new ObjectOutbox<LoggedEvent>(this.ctx, this.env, (topic) => this.#handOver.deliver(topic));
  readonly #handOver = new HandOver(this.env, this.#outbox);
  readonly #entries = new LogEntriesRepo(this.ctx.storage.sql);

  /**
   * Appends events in their order. An id that stands in the log already counts as appended and changes nothing;
   * one that cannot be logged is refused with its reason and holds up none of its neighbours.
   */
  append(events: DomainEvent[]): Settlement {
    const appended: string[] = [];
    const refused: Refusal[] = [];
    for (const event of events) {
      const reason = this.#appendOne(event);
      if (reason === null) appended.push(event.id);
      else refused.push({ id: event.id, reason });
    }
    this.#outbox.flush();
    return { appended, refused };
  }

  /** The entry of an event's id, or null. */
  find(id: string): LogEntry | null {
    const found = this.#entries.find(id);
    return found === null ? null : { body: JSON.stringify(found) };
  }

  /** Forgets where somebody was who caused these entries, for the erasure of that person. */
  forgetActors(indexes: number[]): void {
    this.#entries.forgetActors(indexes);
  }

  override async alarm(): Promise<void> {
    await this.#outbox.alarm();
  }

  /** @returns why the event cannot be logged, null when it stands in the log. */
  #appendOne(given: DomainEvent): string | null {
    const checked = checkEvent(given);
    if (!checked.ok) return checked.failure.detail;
    const event = checked.value;
    try {
      // A savepoint of its own: the entry and its outbox rows stand together or not at all.
      this.ctx.storage.transactionSync(() => this.#write(event));
      return null;
    } catch (error) {
      return describeError(error);
    }
  }

  #write(event: DomainEvent): void {
    if (endsTheAccount(event)) this.#entries.erase(event.id);
    const logged = this.#entries.append(event);
    if (logged === null) return;
    for (const topic of EVENT_KINDS[event.type].subscribers) this.#outbox.add(topic, logged, outboxKey(logged));
  }
}

function endsTheAccount({ type, account, resource }: DomainEvent): boolean {
  return type === "user.erased" && resource === account;
}
