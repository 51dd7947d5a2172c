import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import type { SetAsideNote } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import type { ScriptedOutbox } from "../scripted-peers.ts";
import { signIn } from "../sign-in.ts";

const { AUTH_OUTBOX, ORDERS_OUTBOX } = env as unknown as Record<"AUTH_OUTBOX" | "ORDERS_OUTBOX", ScriptedOutbox>;

function note(): SetAsideNote {
  const [id, account, resource] = [newId(), newId(), newId()];
  const occurredAt = new Date().toISOString();
  return { id, type: "order.created", account, resource, occurredAt, reason: "cannot be read", tries: 3 };
}

beforeEach(async () => {
  for (const outbox of [AUTH_OUTBOX, ORDERS_OUTBOX]) await outbox.setSetAside([]);
});

test("admins see what the log refused for good, of every service that says", async () => {
  const admin = await signIn("admin");
  const [ofOrders, ofAuth] = [note(), note()];
  await ORDERS_OUTBOX.setSetAside([ofOrders]);
  await AUTH_OUTBOX.setSetAside([ofAuth]);
  const list = async () =>
    (await call("/api/admin/events", { as: admin })).json<{ events: object[]; away: string[] }>();
  const { events, away } = await list();
  expect(events).toHaveLength(2);
  expect(events).toEqual(
    expect.arrayContaining([
      { service: "orders", ...ofOrders },
      { service: "auth", ...ofAuth },
    ]),
  );
  expect(away).toEqual([]);
  await AUTH_OUTBOX.setSetAside(null);
  expect(await list()).toEqual({ events: [{ service: "orders", ...ofOrders }], away: ["auth"] });
  expect((await call("/api/admin/events", { as: await signIn() })).status).toBe(403);
});

test("admins have one of them, a service's or all offered again", async () => {
  const admin = await signIn("admin");
  const redrive = async (json: object) => {
    const answer = await call("/api/admin/events/redrive", { as: admin, json });
    expect(answer.status).toBe(202);
    return answer.json();
  };
  const [first, second] = [note(), note()];
  await ORDERS_OUTBOX.setSetAside([first, second]);
  await AUTH_OUTBOX.setSetAside([note()]);
  expect(await redrive({ eventId: first.id })).toEqual({ redriven: 1, away: [] });
  expect(await redrive({ service: "orders" })).toEqual({ redriven: 1, away: [] });
  await ORDERS_OUTBOX.setSetAside(null);
  expect(await redrive({})).toEqual({ redriven: 1, away: ["orders"] });
});
