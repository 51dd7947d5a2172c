import { type EndpointHealth, WELL } from "./endpoint-health.ts";

/** What an endpoint's object remembers of itself beside its deliveries, across restarts. */
export class EndpointMemory {
  readonly #kv: SyncKvStorage;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  /** Whose object it is; the runtime does not tell an object that its alarm has woken. */
  get endpointId(): string | null {
    return this.#kv.get<string>("endpoint") ?? null;
  }

  set endpointId(id: string) {
    this.#kv.put("endpoint", id);
  }

  /** The last index of the log that it was given, -1 before the first. */
  get through(): number {
    return this.#kv.get<number>("through") ?? -1;
  }

  set through(index: number) {
    this.#kv.put("through", index);
  }

  get health(): EndpointHealth {
    return this.#kv.get<EndpointHealth>("health") ?? WELL;
  }

  set health(health: EndpointHealth) {
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
