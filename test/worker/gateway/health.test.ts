import { describe, expect, test } from "vitest";
import type { Env } from "../../../workers/gateway/src/env.ts";
import type { SystemReport } from "../../../workers/gateway/src/health/health.ts";
import { signIn } from "../sign-in.ts";
import { AWAY, doorWith, gatewayEnv, neighbour } from "./door.ts";

type Report = Omit<SystemReport, "services"> & { services: Record<string, Partial<SystemReport["services"][string]>> };

const ALL_AWAY: Partial<Env> = {
  AUTH_HTTP: AWAY,
  IMAGES_HTTP: AWAY,
  RESIZER_HTTP: AWAY,
  ORDERS_HTTP: AWAY,
  AUDIT_HTTP: AWAY,
  WEBHOOKS_HTTP: AWAY,
};

/** The images service with its bucket gone. */
const half = neighbour(() =>
  Response.json({
    status: "degraded",
    dependencies: { database: { status: "healthy", ms: 3 }, bucket: { status: "unhealthy", ms: 1_500 } },
    figures: { orphans: 2 },
  }),
);

async function ask(changed: Partial<Env>, headers: Record<string, string> = {}) {
  const response = await doorWith(changed)("/health", headers);
  return { status: response.status, report: await response.json<Report>() };
}

describe("the system", () => {
  test("is degraded while a service is away, and says which", async () => {
    const { status, report } = await ask({ RESIZER_HTTP: AWAY });
    expect(status).toBe(200);
    expect(report).toMatchObject({ status: "degraded", service: "gateway" });
    expect(report.services).toMatchObject({ resizer: { status: "unhealthy" }, orders: { status: "healthy" } });
  });

  test("is degraded while a service lacks something that it depends on", async () => {
    const { status, report } = await ask({ IMAGES_HTTP: half.fetcher });
    expect([status, report.status, report.services.images?.status]).toEqual([200, "degraded", "degraded"]);
  });

  test("is unhealthy, and 503, only when no service works", async () => {
    const { status, report } = await ask(ALL_AWAY);
    expect([status, report.status]).toEqual([503, "unhealthy"]);
    const oneLeft = await ask({ ...ALL_AWAY, ORDERS_HTTP: gatewayEnv.ORDERS_HTTP });
    expect([oneLeft.status, oneLeft.report.status]).toEqual([200, "degraded"]);
  });

  test("counts a service as away whose answer is no report", async () => {
    const { report } = await ask({ ORDERS_HTTP: neighbour(() => new Response("<html>")).fetcher });
    expect(report.services.orders?.status).toBe("unhealthy");
  });

  test("is looked at once in five seconds, however many ask", async () => {
    const counting = neighbour(() => Response.json({ status: "healthy" }));
    const door = doorWith({ ORDERS_HTTP: counting.fetcher });
    await door("/health");
    for (const path of ["/health", "/api/health", "/connected/health"]) {
      await Promise.all(Array.from({ length: 10 }, () => door(path)));
    }
    expect(counting.asked).toEqual(["/health"]);
  });
});

describe("what services depend on, how long they take, and what is out of order,", () => {
  test("is for admins", async () => {
    const { report } = await ask({ IMAGES_HTTP: half.fetcher }, (await signIn("admin")).headers);
    expect(report.services.images?.dependencies?.bucket).toEqual({ status: "unhealthy", ms: 1_500 });
    expect(report.services.images?.figures).toEqual({ orphans: 2 });
    expect(report.services.orders?.ms).toBeGreaterThanOrEqual(0);
  });

  test.each([
    ["a stranger", async () => ({})],
    ["a user", async () => (await signIn()).headers],
    ["the bearer of a bad token", async () => ({ Authorization: "Bearer nonsense" })],
    ["the bearer of a dead cookie", async () => ({ Cookie: "__Host-halftone=cookie.v1.a.b.c" })],
  ])("is not for %s, who still gets an answer", async (_who, headers) => {
    const { status, report } = await ask({ IMAGES_HTTP: half.fetcher }, await headers());
    expect(status).toBe(200);
    expect(report.services.images).toEqual({ status: "degraded" });
  });
});

test("a caller with a credential is answered while auth is away", async () => {
  const away = { jwks: () => Promise.reject(new Error("Auth is away.")) } as unknown as Env["AUTH"];
  const { status, report } = await ask({ AUTH: away, AUTH_HTTP: AWAY }, { "X-API-Key": "key.v1.a.b.c" });
  expect([status, report.status]).toEqual([200, "degraded"]);
  expect(report.services.auth).toEqual({ status: "unhealthy" });
});
