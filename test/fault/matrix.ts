import { expect } from "vitest";
import type { Client } from "../system/support/client.ts";
import type { FaultyProduct } from "../system/support/faulty-product.ts";
import { FAULTS, type Fault } from "./faults.ts";

/** A read of a service that the gateway forwards to, and how long its answer may take to begin. */
interface Read {
  service: string;
  path: string;
  withinMs: number;
}

/** Reads of JSON, which the gateway looks through before it passes it on. */
export const READS: Read[] = [
  { service: "auth", path: "/api/users/me", withinMs: 10_000 },
  { service: "images", path: "/api/images/01900000-0000-7000-8000-000000000000/status", withinMs: 5_000 },
  { service: "orders", path: "/api/orders", withinMs: 5_000 },
  { service: "audit", path: "/api/audit/logs", withinMs: 5_000 },
  { service: "webhooks", path: "/api/events", withinMs: 5_000 },
];

const AWAY = "503 service_unavailable";
const UNREADABLE = "502 unreadable_answer";
const ANSWERED = "answered";
const BROKEN_OFF = "broken off";

/** What the caller of a broken service is told. A slow one answers, a flaky one mostly does, and all may be given up. */
const TOLD_BY_HTTP: Record<Fault, string[]> = {
  "500": [AWAY],
  throw: [AWAY],
  hang: ["504 timeout", AWAY],
  delay: [ANSWERED],
  rate: [ANSWERED, AWAY],
  truncate: [UNREADABLE, AWAY],
  reset: [AWAY],
  cut: [AWAY],
  wrong_json: [UNREADABLE, AWAY],
};

/**
 * The same for bytes, which pass as they come: what breaks off there, breaks off for the caller too. Of the two kinds
 * that are missing, a shortened body is one of its own, and bytes may take two minutes to begin.
 */
const TOLD_BY_BYTES: Omit<Record<Fault, string[]>, "hang" | "truncate"> = {
  "500": [AWAY],
  throw: [AWAY],
  delay: [ANSWERED],
  rate: [ANSWERED, AWAY],
  reset: [BROKEN_OFF, AWAY],
  cut: [BROKEN_OFF, AWAY],
  wrong_json: [UNREADABLE, AWAY],
};

/** What the bearer of a key is told when auth, which has to be asked about it, is broken. */
const TOLD_BY_RPC: Record<Fault, string[]> = {
  "500": [AWAY],
  throw: [AWAY],
  hang: [AWAY],
  delay: [ANSWERED],
  rate: [ANSWERED, AWAY],
  truncate: [AWAY],
  reset: [AWAY],
  cut: [AWAY],
  wrong_json: [AWAY],
};

/** How late timers may be while everything breaks at once on a busy machine. */
const LATE_MS = 3_000;
const HEALED_WITHIN_MS = 5_000;
const CALLS = 12;

/** The gateway looks at its services every five seconds, and gives each two. */
const LOOK_EVERY_MS = 5_000;
const LOOK_TAKES_MS = 2_000;
/** What resizers are reported for. One that is slow or flaky still answers. */
const UNHEALTHY_BY: Fault[] = FAULTS.filter((fault) => fault !== "delay" && fault !== "rate");

interface Answer {
  /** As the caller is told: that it worked, or the status and code of the problem document, or that it broke off. */
  told: string;
  ms: number;
}

/** One product that breaks, and a person who goes on using it. */
export class FaultMatrix {
  readonly #product: FaultyProduct;
  readonly #client: Client;

  constructor(product: FaultyProduct, client: Client) {
    this.#product = product;
    this.#client = client;
  }

  /** Breaks a service by HTTP in one way, and holds what its callers are told, how soon, and that it comes back. */
  async breakHttp({ service, path, withinMs }: Read, fault: Fault): Promise<void> {
    const what = `${service}, ${fault}`;
    await this.#product.setFaults(service, { http: fault, rpc: null });
    const answers = await this.#readMany(path);
    await this.#product.setFaults(service, { http: null, rpc: null });
    for (const { told, ms } of answers) {
      expect(TOLD_BY_HTTP[fault], what).toContain(told);
      expect(ms, what).toBeLessThan(withinMs + LATE_MS);
    }
    await this.#expectHealed(path, what);
  }

  /** Breaks images in each way while bytes are read by a signed link. */
  async breakBytes(url: string): Promise<void> {
    const { pathname, search } = new URL(url);
    const path = `${pathname}${search}`;
    for (const [fault, mayBeTold] of Object.entries(TOLD_BY_BYTES)) {
      await this.#product.setFaults("images", { http: fault as Fault, rpc: null });
      const answers = await this.#readMany(path);
      await this.#product.setFaults("images", { http: null, rpc: null });
      for (const { told } of answers) expect(mayBeTold, `bytes, ${fault}`).toContain(told);
      await this.#expectHealed(path, `bytes after ${fault}`);
    }
  }

  /** Breaks auth for those who ask it by a call: tokens are read without it, keys are answered for in time. */
  async breakCalls(fault: Fault): Promise<void> {
    const { key } = await this.#client.makeKey(["orders:read"]);
    const withKey = { Authorization: "", "X-API-Key": key };
    await this.#product.setFaults("auth", { http: null, rpc: fault });
    const [tokens, keys] = await Promise.all([this.#readMany("/api/orders"), this.#readMany("/api/orders", withKey)]);
    await this.#product.setFaults("auth", { http: null, rpc: null });
    expect(tokens.map(({ told }) => told)).toEqual(tokens.map(() => ANSWERED));
    for (const { told } of keys) expect(TOLD_BY_RPC[fault], fault).toContain(told);
    for (const { ms } of [...tokens, ...keys]) expect(ms, fault).toBeLessThan(5_000 + LATE_MS);
    await this.#expectHealed("/api/orders", `keys after ${fault}`, withKey);
  }

  /** Breaks the resizer in one way. The gateway forwards nothing to it, so it is known by its health alone. */
  async breakResizer(fault: Fault): Promise<void> {
    await this.#product.setFaults("resizer", { http: fault, rpc: null });
    if (UNHEALTHY_BY.includes(fault)) await this.#expectResizer("unhealthy", fault);
    else await this.#watchResizer(fault === "delay" ? ["healthy"] : ["healthy", "unhealthy"], fault);
    await this.#product.setFaults("resizer", { http: null, rpc: null });
    await this.#expectResizer("healthy", `after ${fault}`);
  }

  async #expectHealed(path: string, what: string, headers: Record<string, string> = {}): Promise<void> {
    const toldNow = async () => (await this.#read(path, headers)).told;
    expect(await comesTo(ANSWERED, toldNow, HEALED_WITHIN_MS), what).toBe(ANSWERED);
    const afterwards = await this.#readMany(path, headers);
    expect(
      afterwards.map(({ told }) => told),
      what,
    ).toEqual(afterwards.map(() => ANSWERED));
  }

  #readMany(path: string, headers: Record<string, string> = {}): Promise<Answer[]> {
    return Promise.all(Array.from({ length: CALLS }, () => this.#read(path, headers)));
  }

  async #read(path: string, headers: Record<string, string>): Promise<Answer> {
    const started = Date.now();
    const response = await this.#client.fetch(path, { headers });
    const text = await response.text().catch(() => null);
    const ms = Date.now() - started;
    if (text === null) return { told: BROKEN_OFF, ms };
    if (response.status < 500) return { told: ANSWERED, ms };
    const { code } = JSON.parse(text) as { code?: string };
    return { told: `${response.status} ${code}`, ms };
  }

  async #expectResizer(wanted: string, what: string): Promise<void> {
    const withinMs = LOOK_EVERY_MS + LOOK_TAKES_MS + LATE_MS;
    expect(await comesTo(wanted, () => this.#resizerHealth(), withinMs), `resizer, ${what}`).toBe(wanted);
  }

  /** Over more than one look of the gateway, the report keeps coming and says nothing else. */
  async #watchResizer(possible: string[], what: string): Promise<void> {
    const until = Date.now() + LOOK_EVERY_MS + 2 * LOOK_TAKES_MS;
    while (Date.now() < until) {
      expect(possible, `resizer, ${what}`).toContain(await this.#resizerHealth());
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  async #resizerHealth(): Promise<string> {
    const started = Date.now();
    const response = await fetch(`${this.#product.url}/health`);
    const { services } = (await response.json()) as { services: { resizer: { status: string } } };
    expect(Date.now() - started).toBeLessThan(LOOK_TAKES_MS + LATE_MS);
    return services.resizer.status;
  }
}

const LOOK_AGAIN_MS = 200;

/** Looks until something is as wanted or the time is up, and answers how it is then. */
async function comesTo(wanted: string, look: () => Promise<string>, withinMs: number): Promise<string> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found === wanted || Date.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
