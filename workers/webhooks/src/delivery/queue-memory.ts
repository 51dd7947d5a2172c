import { WELL, type WebhookHealth } from "./webhook-health.ts";

/** What a webhook's queue remembers of itself beside its deliveries, across restarts. */
export class QueueMemory {
  readonly #kv: SyncKvStorage;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  /** Whose queue it is; the runtime does not tell an object that its alarm has woken. */
  get webhookId(): string | null {
    // The second key is of objects that were made when their class was called Endpoint.
    return this.#kv.get<string>("webhook") ?? this.#kv.get<string>("endpoint") ?? null;
  }

  set webhookId(id: string) {
    this.#kv.put("webhook", id);
  }

  /** The last index of the log that it was given, -1 before the first. */
  get through(): number {
    return this.#kv.get<number>("through") ?? -1;
  }

  set through(index: number) {
    this.#kv.put("through", index);
  }

  get health(): WebhookHealth {
    return this.#kv.get<WebhookHealth>("health") ?? WELL;
  }

  set health(health: WebhookHealth) {
    this.#kv.put("health", health);
  }

  /** The figures that were reported last, as JSON. */
  get reported(): string | null {
    return this.#kv.get<string>("reported") ?? null;
  }

  set reported(figures: string) {
    this.#kv.put("reported", figures);
  }
}
