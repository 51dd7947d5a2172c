import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Env } from "../../../workers/gateway/src/env.ts";
import { systemHealth } from "../../../workers/gateway/src/health/health.ts";

const ADDRESS_SETTINGS = ["AUTH", "USER", "IMAGES", "APP", "RESIZER", "ORDERS", "ORDER", "AUDIT", "WEBHOOKS"];
const SECOND_MS = 1_000;
/** Before each test so much time passes that nothing is left of the one before. */
const HOUR_MS = 3_600_000;

let now = 1_800_000_000_000;

beforeEach(() => {
  now += HOUR_MS;
  vi.useFakeTimers({ now });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Seven Workers of which the resizer takes a while to answer. */
function system() {
  const state = { resizerAnswersAfterMs: 0, looks: 0 };
  const healthy = () => Response.json({ status: "healthy", dependencies: {} });
  const quick = { fetch: async () => healthy() };
  const resizer = {
    async fetch() {
      state.looks += 1;
      await new Promise((resolve) => setTimeout(resolve, state.resizerAnswersAfterMs));
      return healthy();
    },
  };
  const others = { AUTH_HTTP: quick, IMAGES_HTTP: quick, ORDERS_HTTP: quick, AUDIT_HTTP: quick, WEBHOOKS_HTTP: quick };
  const settings = {
    SERVICE_NAME: "gateway",
    LOG_LEVEL: "error",
    RATE_LIMIT: "600",
    SESSION_CHECK: "cached",
    CORS_ORIGINS: "",
    MAX_IN_FLIGHT: "1000",
    ...Object.fromEntries(ADDRESS_SETTINGS.map((name) => [`${name}_SERVICE_URL`, ""])),
  };
  const env = { ...others, ...settings, RESIZER_HTTP: resizer } as unknown as Env;
  const ask = () => systemHealth(env, { waitUntil: () => {} });
  return { state, ask };
}

/** An answer that needs no time to pass. */
async function answeredAtOnce(answer: Promise<unknown>): Promise<boolean> {
  let isAnswered = false;
  answer.then(() => {
    isAnswered = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return isAnswered;
}

test("one look at all services serves everybody for 5 s", async () => {
  const { state, ask } = system();
  const first = ask();
  await vi.advanceTimersByTimeAsync(0);
  expect((await first).status).toBe("healthy");
  await vi.advanceTimersByTimeAsync(4 * SECOND_MS);
  for (let i = 0; i < 50; i++) await ask();
  expect(state.looks).toBe(1);
});

test("nobody waits for a resizer at work: the last report is given while one asks it", async () => {
  const { state, ask } = system();
  expect(await answeredAtOnce(ask())).toBe(true);
  state.resizerAnswersAfterMs = SECOND_MS;
  await vi.advanceTimersByTimeAsync(6 * SECOND_MS);
  for (let i = 0; i < 50; i++) expect(await answeredAtOnce(ask())).toBe(true);
  expect(state.looks).toBe(2);
});

test("a report that is 10 s old is given to nobody", async () => {
  const { state, ask } = system();
  expect(await answeredAtOnce(ask())).toBe(true);
  state.resizerAnswersAfterMs = SECOND_MS;
  await vi.advanceTimersByTimeAsync(10 * SECOND_MS);
  const asked = Date.now();
  const answer = ask();
  expect(await answeredAtOnce(answer)).toBe(false);
  await vi.advanceTimersByTimeAsync(SECOND_MS);
  expect(Date.parse((await answer).timestamp)).toBe(asked + SECOND_MS);
});
