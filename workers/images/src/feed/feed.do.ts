import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import type { LiveUpdate } from "../schema.ts";
import { type FeedEntry, FeedLogRepo, KEPT_MS } from "./feed-log.repo.ts";
import { type FeedMessage, LISTENERS, type ListenerKind, PING, PONG } from "./messages.ts";

/** A person has a few devices and tabs. More streams than these are a program that forgets to close them. */
export const STREAMS_MAX = 20;
/** A program may watch each photo of a batch that it has uploaded, and a watch ends by itself. */
export const WATCHES_MAX = 100;
const PLACES: Record<ListenerKind, number> = { stream: STREAMS_MAX, watch: WATCHES_MAX };

/** What a socket is closed with when there is nothing more to come (RFC 6455 §7.4.1: going away). */
const GOING_AWAY = 1001;

/**
 * What happens to one user's photos: the last day of it, and the streams that are told at once. The object sleeps
 * while nothing happens, its streams' sockets stay open (hibernation), and their pings are answered without it.
 */
export class Feed extends DurableObject<Env> {
  readonly #log = new FeedLogRepo(this.ctx.storage.sql);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** Notes updates and tells all streams. Those that are noted already change nothing. */
  async publish(updates: LiveUpdate[]): Promise<void> {
    const now = Date.now();
    const added = this.ctx.storage.transactionSync(() => {
      this.#log.open();
      const entries = updates.map((update) => this.#log.append(update, now)).filter((entry) => entry !== null);
      this.#log.prune(now);
      return entries;
    });
    for (const socket of this.ctx.getWebSockets()) {
      for (const entry of added) send(socket, toMessage(entry));
    }
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(now + KEPT_MS);
  }

  /** The id of the last entry there ever was; 0 before the first. */
  newest(): number {
    this.#log.open();
    return this.#log.newest();
  }

  /** How many streams, or watches over a photo, are told of what happens. */
  countListeners(kind: ListenerKind): number {
    return this.ctx.getWebSockets(kind).filter((socket) => socket.readyState === WebSocket.OPEN).length;
  }

  /**
   * Opens the socket of a listener, whose kind is the path. What came behind the entry `after` of the query is sent first, in the same turn as the
   * socket is taken up: nothing can come in between, twice or not at all.
   */
  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const kind = LISTENERS.find((known) => pathname === `/${known}`) ?? "stream";
    if (this.countListeners(kind) >= PLACES[kind]) return new Response(null, { status: 429 });
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.ctx.acceptWebSocket(ours, [kind]);
    const after = searchParams.get("after");
    for (const message of this.#greet(after === null ? null : Number(after))) send(ours, message);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  #greet(after: number | null): FeedMessage[] {
    this.#log.open();
    this.#log.prune(Date.now());
    const missed = after === null ? [] : this.#log.after(after);
    if (missed === null) return [{ event: "reset", id: this.#log.newest(), data: "{}" }];
    return [{ event: "hello", id: after ?? this.#log.newest(), data: null }, ...missed.map(toMessage)];
  }

  /** Forgets everything and ends all streams, because the account is gone. */
  async erase(): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) socket.close(GOING_AWAY);
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  override async alarm(): Promise<void> {
    this.#log.prune(Date.now());
    if (!this.#log.isEmpty()) await this.ctx.storage.setAlarm(Date.now() + KEPT_MS);
  }
}

function toMessage({ id, data }: FeedEntry): FeedMessage {
  return { event: "status", id, data };
}

/** A stream that is gone already is told nothing; the runtime takes its socket away. */
function send(socket: WebSocket, message: FeedMessage): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}
