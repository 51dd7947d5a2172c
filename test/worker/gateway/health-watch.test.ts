import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Env } from "../../../workers/gateway/src/env.ts";
import { HealthWatch } from "../../../workers/gateway/src/health/health-watch.do.ts";
import { AWAY, gatewayEnv } from "./door.ts";

const RECEIVER = "https://chat.example/hook";

interface Alert {
  text: string;
  status: string;
  changes: { service: string; from: string; to: string; failing: string[] }[];
}

let told: Alert[] = [];
let receiverIsAway = false;

beforeEach(() => {
  told = [];
  receiverIsAway = false;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    expect([String(input), init?.method, init?.redirect]).toEqual([RECEIVER, "POST", "manual"]);
    if (receiverIsAway) return new Response("", { status: 500 });
    told.push(JSON.parse(String(init?.body)));
    return new Response("ok");
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** One look of the watch, over its real storage, with the neighbours as they are then. */
async function look(changed: Partial<Env> = {}): Promise<number | null> {
  const watch = gatewayEnv.HEALTH_WATCH.getByName("watch");
  const env: Env = { ...gatewayEnv, ALERT_WEBHOOK_URL: RECEIVER, ...changed };
  return runInDurableObject(watch, async (_object, state) => {
    await state.storage.deleteAlarm();
    await new HealthWatch(state, env).alarm();
    return state.storage.getAlarm();
  });
}

describe("the health watch", () => {
  test("says nothing while everything is well, and looks again", async () => {
    const next = await look();
    expect(next).toBeGreaterThan(Date.now());
    expect(told).toEqual([]);
  });

  test("tells once when a service goes away, and once when it is back", async () => {
    for (let looks = 0; looks < 3; looks++) await look({ RESIZER_HTTP: AWAY });
    for (let looks = 0; looks < 3; looks++) await look();
    expect(told.map(({ text }) => text)).toEqual([
      "Halftone is degraded: resizer is unhealthy, was healthy.",
      "Halftone is healthy: resizer is healthy, was unhealthy.",
    ]);
    expect(told[0]?.changes).toEqual([{ service: "resizer", from: "healthy", to: "unhealthy", failing: [] }]);
  });

  test("tells later what it could not tell, and goes on looking meanwhile", async () => {
    receiverIsAway = true;
    expect(await look({ ORDERS_HTTP: AWAY })).toBeGreaterThan(Date.now());
    expect(told).toEqual([]);
    receiverIsAway = false;
    await look({ ORDERS_HTTP: AWAY });
    expect(told.map(({ changes }) => changes[0]?.service)).toEqual(["orders"]);
  });

  test("rests where nobody is to be told", async () => {
    expect(await look({ ALERT_WEBHOOK_URL: "", RESIZER_HTTP: AWAY })).toBeNull();
    expect(told).toEqual([]);
  });

  test("keeps to the time of its next look when it is started again", async () => {
    const watch = gatewayEnv.HEALTH_WATCH.getByName("watch");
    await watch.start();
    const first = await runInDurableObject(watch, (_object, state) => state.storage.getAlarm());
    await watch.start();
    expect(await runInDurableObject(watch, (_object, state) => state.storage.getAlarm())).toBe(first);
  });
});
