import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAULTS, type Fault } from "../fault/faults.ts";
import { Client } from "../system/support/client.ts";
import { type FaultyProduct, startFaultyProduct } from "../system/support/faulty-product.ts";

/** A read of each service that the gateway forwards to, and how long its answer may take to begin. */
const READS = [
  { service: "auth", path: "/api/users/me", withinMs: 10_000 },
  { service: "images", path: "/api/images/01900000-0000-7000-8000-000000000000/status", withinMs: 5_000 },
  { service: "orders", path: "/api/orders", withinMs: 5_000 },
  { service: "audit", path: "/api/audit/logs", withinMs: 5_000 },
  { service: "webhooks", path: "/api/events", withinMs: 5_000 },
];

const AWAY = "503 service_unavailable";
const UNREADABLE = "502 unreadable_answer";
const ANSWERED = "answered";

/** What the caller of a broken service is told. A slow one answers, a flaky one mostly does, and all may be given up. */
const TOLD_BY_HTTP: Record<Fault, string[]> = {
  "500": [AWAY],
  throw: [AWAY],
  hang: ["504 timeout", AWAY],
  delay: [ANSWERED],
  rate: [ANSWERED, AWAY],
  truncate: [UNREADABLE, AWAY],
  reset: [AWAY],
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
  wrong_json: [AWAY],
};

/** How late timers may be while everything breaks at once on a busy machine. */
const LATE_MS = 3_000;
const HEALED_WITHIN_MS = 5_000;
const CALLS = 12;
const FIVE_MINUTES_MS = 300_000;

let product: FaultyProduct;
let client: Client;

beforeAll(async () => {
  product = await startFaultyProduct();
  client = await Client.signUp(product.url);
});
afterAll(() => product.close());

interface Answer {
  /** As the caller is told: that it worked, or the status and code of the problem document. */
  told: string;
  ms: number;
}

async function read(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const started = Date.now();
  const response = await client.fetch(path, { headers });
  const body = (await response.json()) as { code?: string };
  const told = response.status < 500 ? ANSWERED : `${response.status} ${body.code}`;
  return { told, ms: Date.now() - started };
}

function readMany(path: string, headers: Record<string, string> = {}): Promise<Answer[]> {
  return Promise.all(Array.from({ length: CALLS }, () => read(path, headers)));
}

/** How long it takes until a service that was healed answers, milliseconds. */
async function msUntilAnswered(path: string, headers: Record<string, string> = {}): Promise<number> {
  const started = Date.now();
  for (;;) {
    const { told } = await read(path, headers);
    const ms = Date.now() - started;
    if (told === ANSWERED || ms > 2 * HEALED_WITHIN_MS) return ms;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Waits for what /health says of the resizer; it looks every five seconds. */
async function resizerComesTo(wanted: string): Promise<boolean> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const response = await fetch(`${product.url}/health`);
    const { services } = (await response.json()) as { services: { resizer: { status: string } } };
    if (services.resizer.status === wanted) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

describe.concurrent("a service that breaks", () => {
  test.for(READS)(
    "$service is answered for in time and in words, and is back within five seconds",
    { timeout: FIVE_MINUTES_MS },
    async ({ service, path, withinMs }, { expect }) => {
      for (const fault of FAULTS) {
        await product.setFaults(service, { http: fault, rpc: null });
        const answers = await readMany(path);
        await product.setFaults(service, { http: null, rpc: null });
        for (const { told, ms } of answers) {
          expect(TOLD_BY_HTTP[fault], `${service}, ${fault}`).toContain(told);
          expect(ms, `${service}, ${fault}`).toBeLessThan(withinMs + LATE_MS);
        }
        expect(await msUntilAnswered(path), `${service} after ${fault}`).toBeLessThan(HEALED_WITHIN_MS);
        const afterwards = await readMany(path);
        expect(afterwards.map(({ told }) => told)).toEqual(afterwards.map(() => ANSWERED));
      }
    },
  );

  // The gateway forwards nothing to it, so it is known by its health alone.
  test("the resizer is reported, and reported well again", { timeout: FIVE_MINUTES_MS }, async ({ expect }) => {
    for (const fault of FAULTS.filter((kind) => kind !== "delay" && kind !== "rate")) {
      await product.setFaults("resizer", { http: fault, rpc: null });
      expect(await resizerComesTo("unhealthy"), fault).toBe(true);
      await product.setFaults("resizer", { http: null, rpc: null });
      expect(await resizerComesTo("healthy"), `after ${fault}`).toBe(true);
    }
  });
});

describe("while auth breaks for those who ask it by a call", () => {
  test.for(FAULTS)("tokens are read and keys are answered for in time: %s", async (fault) => {
    const { key } = await client.makeKey(["orders:read"]);
    const withKey = { Authorization: "", "X-API-Key": key };
    await product.setFaults("auth", { http: null, rpc: fault });
    const [tokens, keys] = await Promise.all([readMany("/api/orders"), readMany("/api/orders", withKey)]);
    await product.setFaults("auth", { http: null, rpc: null });

    expect(tokens.map(({ told }) => told)).toEqual(tokens.map(() => ANSWERED));
    for (const { told } of keys) expect(TOLD_BY_RPC[fault]).toContain(told);
    for (const { ms } of [...tokens, ...keys]) expect(ms).toBeLessThan(5_000 + LATE_MS);
    expect(await msUntilAnswered("/api/orders", withKey)).toBeLessThan(HEALED_WITHIN_MS);
  });
});
