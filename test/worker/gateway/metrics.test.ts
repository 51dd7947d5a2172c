import parsePrometheus, { type Metric } from "parse-prometheus-text-format";
import { beforeAll, describe, expect, test } from "vitest";
import { METRICS, type Sample } from "../../../shared/contracts/metrics.ts";
import type { Env } from "../../../workers/gateway/src/env.ts";
import type { MetricFamily } from "../../../workers/gateway/src/metrics/read-metrics.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { AWAY, doorWith, neighbour } from "./door.ts";

/** One's own machine, where nobody needs to show anything. */
const LOCAL = "http://localhost:8080/metrics";
const SCRAPE_TOKEN = "a-token-for-the-scraper-0123456789abcdef";
/** What was counted stands on the page after this long at most. */
const SHOWN_WITHIN_MS = 10_000;
/** What the files before this one have counted is handed in within this time, and would stand among its own counts. */
const HANDED_IN_WITHIN_MS = 6_000;

beforeAll(() => scheduler.wait(HANDED_IN_WITHIN_MS));

async function scrape(changed: Partial<Env> = {}): Promise<Metric[]> {
  const response = await doorWith(changed)(LOCAL);
  expect(response.status).toBe(200);
  return parsePrometheus(await response.text());
}

/** The JSON form has the labels of histograms, which the parser drops. */
async function readSamples(metric: string): Promise<Sample[]> {
  const response = await doorWith({})(LOCAL, { Accept: "application/json" });
  const { metrics } = await response.json<{ metrics: MetricFamily[] }>();
  return metrics.find(({ name }) => name === metric)?.samples ?? [];
}

function figureOf(metrics: Metric[], name: string, labels: Record<string, string>): number {
  const family = metrics.find((metric) => metric.name === name);
  const found = family?.metrics.find((sample) =>
    Object.entries(labels).every(([label, value]) => sample.labels?.[label] === value),
  );
  return Number(found?.value ?? 0);
}

const polled = { service: "images", route: "/api/images/:id/status", method: "GET", status: "2xx" };

describe("requests", () => {
  test("are counted exactly within ten seconds, by one call for at least a hundred of them", async () => {
    const before = await scrape();
    const answers = await Promise.all(Array.from({ length: 500 }, (_, n) => call(`/api/images/${n}/status`)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const wanted = figureOf(before, "halftone_requests_total", polled) + 500;
    const after = async () => figureOf(await scrape(), "halftone_requests_total", polled);
    await expect.poll(after, { timeout: SHOWN_WITHIN_MS, interval: 500 }).toBe(wanted);
    const calls = figureOf(await scrape(), "halftone_metrics_flushes_total", {});
    expect(calls - figureOf(before, "halftone_metrics_flushes_total", {})).toBeLessThanOrEqual(5);
  }, 30_000);

  test("are counted by labels of which strangers cannot make more", async () => {
    await call("/one-path", { method: "PROPFIND" });
    await call("/another-path");
    const unknown = { service: "gateway", route: "unknown", status: "4xx" };
    const strange = async () => figureOf(await scrape(), "halftone_requests_total", { ...unknown, method: "other" });
    await expect.poll(strange, { timeout: SHOWN_WITHIN_MS, interval: 500 }).toBe(1);
    const text = await (await doorWith({})(LOCAL)).text();
    expect(text).not.toMatch(/one-path|another-path|PROPFIND/);
  }, 30_000);

  test("have their times in a histogram that agrees with itself", async () => {
    await Promise.all(Array.from({ length: 20 }, () => call("/uploads/42")));
    const series = async (part: string) => {
      const samples = await readSamples("halftone_request_duration_seconds");
      const found = samples.filter(({ name, labels }) => name.endsWith(part) && labels.route === "/uploads");
      return found.map(({ value }) => value);
    };
    await expect.poll(() => series("_count"), { timeout: SHOWN_WITHIN_MS, interval: 500 }).toEqual([20]);
    const buckets = await series("_bucket");
    expect(buckets).toHaveLength(11);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(buckets.at(-1)).toBe(20);
  }, 30_000);

  test("that were limited are counted by what became of them", async () => {
    const at = { headers: { "CF-Connecting-IP": "198.51.100.9" } };
    await Promise.all(Array.from({ length: 50 }, () => call("/user/soap?username=john", at)));
    const decided = async (decision: string) =>
      figureOf(await scrape(), "halftone_rate_limit_decisions_total", { policy: "lookup", decision });
    await expect.poll(() => decided("refused"), { timeout: SHOWN_WITHIN_MS, interval: 500 }).toBeGreaterThan(10);
    expect((await decided("allowed")) + (await decided("refused"))).toBe(50);
  }, 30_000);
});

describe("the page", () => {
  test("is read by a Prometheus parser, and knows every metric there is", async () => {
    const response = await doorWith({})(LOCAL, { Accept: "application/openmetrics-text,text/plain;q=0.5,*/*;q=0.1" });
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(response.headers.get("Vary")).toBe("Accept");
    const metrics = parsePrometheus(await response.text());
    expect(metrics.map(({ name }) => name)).toEqual(Object.keys(METRICS));
    for (const { help, type } of metrics) expect([help, type]).not.toContain("");
  });

  test("is JSON for whoever asks for it", async () => {
    const response = await doorWith({})(LOCAL, { Accept: "application/json" });
    const { metrics } = await response.json<{ metrics: MetricFamily[] }>();
    expect(metrics.map(({ name }) => name)).toEqual(Object.keys(METRICS));
    const up = metrics.find(({ name }) => name === "halftone_service_up");
    expect(up?.samples).toContainEqual({ name: "halftone_service_up", labels: { service: "orders" }, value: 1 });
  });

  test("shows what services say of themselves, and goes on without one that is away", async () => {
    const labels = { service: "orders" };
    const sample = { name: "halftone_outbox_events", labels, value: 7 };
    const orders = neighbour((path) => Response.json(path === "/gauges" ? [sample] : { status: "healthy" }));
    const metrics = await scrape({ ORDERS_HTTP: orders.fetcher, RESIZER_HTTP: AWAY });
    expect(figureOf(metrics, "halftone_outbox_events", labels)).toBe(7);
    expect(figureOf(metrics, "halftone_service_up", labels)).toBe(1);
    expect(figureOf(metrics, "halftone_service_up", { service: "resizer" })).toBe(0);
  });

  test("shows the dependencies that are away", async () => {
    const dependencies = { database: { status: "unhealthy", ms: 9 } };
    const audit = neighbour(() => Response.json({ status: "degraded", dependencies }));
    const metrics = await scrape({ AUDIT_HTTP: audit.fetcher });
    expect(figureOf(metrics, "halftone_service_up", { service: "audit" })).toBe(1);
    const family = metrics.find(({ name }) => name === "halftone_dependency_up");
    expect(family?.metrics).toContainEqual({ labels: { service: "audit", dependency: "database" }, value: "0" });
  });
});

describe("the breakers", () => {
  test("are shown one by one, that of the calls to auth apart from that of its routes", async () => {
    const exchange = async () => {
      throw new Error("Auth is away.");
    };
    const door = doorWith({ AUTH: { exchange } as unknown as Env["AUTH"] });
    const states = async () => {
      const metrics = parsePrometheus(await (await door(LOCAL)).text());
      const targets = ["auth", "auth calls"];
      return targets.map((target) => figureOf(metrics, "halftone_breaker_state", { service: "auth", target }));
    };
    expect(await states()).toEqual([0, 0]);
    for (let calls = 0; calls < 10; calls++) await door("/orders", { "X-API-Key": "key.v1.unknown" });
    expect(await states()).toEqual([0, 2]);
  });
});

describe("a deployment's page", () => {
  const open = doorWith({ METRICS_TOKEN: SCRAPE_TOKEN });
  const closed = doorWith({});

  test("is open to the scrape token", async () => {
    expect((await open("/metrics", { Authorization: `Bearer ${SCRAPE_TOKEN}` })).status).toBe(200);
  });

  test("is open to admins", async () => {
    expect((await closed("/metrics", (await signIn("admin")).headers)).status).toBe(200);
  });

  test.each([
    ["strangers", async () => ({})],
    ["another token", async () => ({ Authorization: `Bearer ${SCRAPE_TOKEN}x` })],
    ["users", async () => (await signIn()).headers],
  ])("is shut to %s", async (_who, headers) => {
    for (const door of [open, closed]) {
      const response = await door("/metrics", await headers());
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: "unauthenticated" });
    }
  });
});
