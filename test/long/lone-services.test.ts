import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import { Client } from "../system/support/client.ts";

/** One read of each service, which answers 200. */
const READS: Record<string, string> = {
  auth: "/api/users/me",
  images: "/api/images",
  orders: "/api/orders",
  audit: "/api/audit/logs",
  webhooks: "/api/events",
};
const READABLE = Object.keys(READS);
const BEHIND_THE_DOOR = [...READABLE, "resizer"];
const FIVE_MINUTES_MS = 300_000;

const state = mkdtempSync(join(tmpdir(), "halftone-lone-"));
const running = new Map<string, Halftone>();
let client: Client;
let url: string;

/** What `npm run dev:<service>` runs: one Worker in a process of its own, over the same data. */
async function start(service: string): Promise<void> {
  const vars = { LOG_LEVEL: "error", RATE_LIMIT: "100000" };
  running.set(service, await startHalftone({ services: [service], state, bundled: true, admin: false, vars }));
}

/** Ends the service's processes by SIGKILL. */
async function kill(service: string): Promise<void> {
  await running.get(service)?.kill();
  running.delete(service);
}

async function startGateway(): Promise<void> {
  await start("gateway");
  url = running.get("gateway")?.url ?? "";
}

async function statusOf(path: string): Promise<number> {
  const headers = { Authorization: `Bearer ${client.account.accessToken}` };
  const response = await fetch(`${url}${path}`, { headers });
  await response.body?.cancel();
  return response.status;
}

/** What a read of each of these services answers. */
async function statusesOf(services: string[]): Promise<Record<string, number>> {
  const asked = services.map(async (service) => [service, await statusOf(READS[service] ?? "")] as const);
  return Object.fromEntries(await Promise.all(asked));
}

function allWell(services: string[]): Record<string, number> {
  return Object.fromEntries(services.map((service) => [service, 200]));
}

async function health(): Promise<{ status: number; overall: string; unwell: string[] }> {
  const response = await fetch(`${url}/health`);
  const { status, services } = (await response.json()) as {
    status: string;
    services: Record<string, { status: string }>;
  };
  const unwell = Object.keys(services).filter((name) => services[name]?.status !== "healthy");
  return { status: response.status, overall: status, unwell };
}

beforeAll(async () => {
  for (const service of BEHIND_THE_DOOR) await start(service);
  await startGateway();
  client = await Client.signUp(url);
}, FIVE_MINUTES_MS);

afterAll(async () => {
  await Promise.all([...running.values()].map((copy) => copy.kill()));
  rmSync(state, { recursive: true, force: true });
});

test.each(BEHIND_THE_DOOR)(
  "%s killed: the others go on, /health says so, and it comes back without any of them restarting",
  async (service) => {
    const others = READABLE.filter((name) => name !== service);
    expect(await statusesOf(READABLE)).toEqual(allWell(READABLE));
    await kill(service);
    expect(await statusesOf(others)).toEqual(allWell(others));
    if (service in READS) expect(await statusesOf([service])).toEqual({ [service]: 503 });
    await expect
      .poll(health, { timeout: 15_000, interval: 500 })
      .toEqual({ status: 200, overall: "degraded", unwell: [service] });
    expect(await statusesOf(others)).toEqual(allWell(others));

    await start(service);
    await expect.poll(() => statusesOf(READABLE), { timeout: 20_000 }).toEqual(allWell(READABLE));
    await expect.poll(health, { timeout: 15_000, interval: 500 }).toMatchObject({ overall: "healthy" });
  },
  FIVE_MINUTES_MS,
);

test(
  "a gateway that starts while auth is down reads the tokens there are",
  async () => {
    await kill("auth");
    await kill("gateway");
    await startGateway();
    const others = READABLE.filter((name) => name !== "auth");
    expect(await statusesOf(others)).toEqual(allWell(others));

    await start("auth");
    await expect.poll(() => statusesOf(["auth"]), { timeout: 20_000 }).toEqual(allWell(["auth"]));
  },
  FIVE_MINUTES_MS,
);
