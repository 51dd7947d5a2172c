import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import type { AdminJobView } from "../../shared/contracts/queue.ts";
import type { SessionView } from "../../shared/contracts/sessions.ts";
import type { WebhookView } from "../../shared/contracts/webhooks.ts";
import { type Cast, gatherCast, OTHER_SCOPE, statusOf } from "./support/cast.ts";
import { Client, PASSWORD } from "./support/client.ts";
import { fillPath } from "./support/operations.ts";
import { HOOK, order, type Parameters, serviceKey } from "./support/things.ts";

/** Behind its head this picture is none, so that Ada has a failed job. */
const PNG_HEAD_BYTES = 100;
const RUBBISH = 0x55;

let cast: Cast;

beforeAll(async () => {
  cast = await gatherCast();
  const picture = await sharp(cast.photo).png().toBuffer();
  const { id } = await cast.ada.uploadPhoto(picture.fill(RUBBISH, PNG_HEAD_BYTES), "broken.png");
  expect(await cast.ada.settled(id)).toMatchObject({ status: "failed" });
});

/** A body that a route takes, and what of the world it could have changed. */
interface Body {
  fields: () => object;
  state: () => Promise<unknown>;
}

const ownKeys = () => cast.ada.json("/api/keys");

/** Behind the full hour a link is another one. */
async function ownFiles(): Promise<object[]> {
  const files = await cast.ada.json<{ url: string }[]>("/api/files");
  return files.map(({ url: _url, ...file }) => file);
}

/** Other people's jobs fail while other files of tests are at work. */
async function failedJobs(): Promise<AdminJobView[]> {
  const jobs = await cast.admin.json<AdminJobView[]>("/api/admin/jobs");
  return jobs.filter(({ userId }) => userId === cast.ada.account.userId);
}

/** How the names of those begin who shall not come to be. */
const INTRUDER = `intruder-${crypto.randomUUID().slice(0, 8)}`;
const newName = () => `${INTRUDER}-${crypto.randomUUID().slice(0, 8)}`;

/** Ada's one webhook: made at the first call. */
async function adasHook(): Promise<WebhookView | undefined> {
  const [hook] = await cast.ada.json<WebhookView[]>("/api/webhooks");
  if (hook !== undefined) return hook;
  await cast.ada.send("POST", "/api/webhooks", { url: HOOK });
  return adasHook();
}

/** The ids of Ada's sessions: neither more nor fewer. */
async function ownSessions(): Promise<string[]> {
  const sessions = await cast.ada.json<SessionView[]>(`/api/sessions/${cast.ada.account.userId}`);
  return sessions.map(({ id }) => id);
}

/** Who came in by a body of this file. @param list where an admin sees people, or programs */
async function intrudersOf(list: string): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = ""; ; ) {
    const page = await cast.admin.fetch(`${list}?limit=100${cursor}`);
    const listed = (await page.json()) as { username: string }[];
    found.push(...listed.map(({ username }) => username).filter((username) => username.startsWith(INTRUDER)));
    const next = page.headers.get("X-Next-Cursor");
    if (next === null) return found;
    cursor = `&cursor=${next}`;
  }
}

const bodies: Record<string, Body> = {
  Registration: {
    fields: () => ({ email: `${newName()}@example.com`, password: PASSWORD }),
    state: () => intrudersOf("/api/users"),
  },
  Login: { fields: () => ({ email: cast.ada.account.email, password: PASSWORD }), state: ownSessions },
  RefreshRequest: { fields: () => ({ refreshToken: cast.ada.account.refreshToken }), state: ownSessions },
  LogoutRequest: { fields: () => ({}), state: ownSessions },
  PasswordChange: {
    fields: () => ({ currentPassword: PASSWORD, newPassword: "another-password-of-ours" }),
    state: async () => (await Client.signIn(cast.url, { email: cast.ada.account.email, password: PASSWORD })).base,
  },
  EraseRequest: { fields: () => ({ currentPassword: PASSWORD }), state: () => cast.ada.json("/api/users/me") },
  UserChanges: { fields: () => ({ name: "Ada" }), state: () => cast.ada.json("/api/users/me") },
  NoFields: { fields: () => ({}), state: ownSessions },
  NewKey: { fields: () => ({ name: "k", scopes: [OTHER_SCOPE] }), state: ownKeys },
  NewCheck: { fields: () => ({ olderThan: "1h" }), state: () => cast.admin.json("/api/admin/fsck") },
  Redrive: { fields: () => ({}), state: failedJobs },
  RedriveEvents: { fields: () => ({ service: "orders" }), state: () => cast.admin.json("/api/admin/events") },
  NewServiceAccount: {
    fields: () => ({ username: newName() }),
    state: () => intrudersOf("/api/service-accounts"),
  },
  NewWebhook: { fields: () => ({ url: HOOK }), state: () => cast.ada.json("/api/webhooks") },
  WebhookChanges: { fields: () => ({ enabled: false }), state: () => adasHook() },
  NewOrder: { fields: () => ({ product: "Print", quantity: 1, price: 5 }), state: () => cast.ada.json("/api/orders") },
  FileSelection: { fields: () => ({ ids: [crypto.randomUUID()] }), state: ownFiles },
  OrderChanges: { fields: () => ({ notes: "Ring twice." }), state: () => cast.ada.json("/api/orders") },
  FileChanges: { fields: () => ({ name: "lake.jpg" }), state: ownFiles },
  ImageChanges: { fields: () => ({ originalName: "lake.jpg" }), state: () => cast.ada.json("/api/images") },
  NewShare: { fields: () => ({ expiresIn: "1d" }), state: ownFiles },
  StatusChange: { fields: () => ({ status: "cancelled" }), state: () => cast.ada.json("/api/orders") },
};

/** Fields that no body takes from outside, with their values as JSON. */
const HOSTILE = [
  ["role", '"admin"'],
  ["id", '"01890000-0000-7000-8000-000000000000"'],
  ["userId", '"01890000-0000-7000-8000-000000000000"'],
  ["ownerId", '"01890000-0000-7000-8000-000000000000"'],
  ["price", "0"],
  ["status", '"delivered"'],
  ["__proto__", '{"role":"admin"}'],
  ["constructor", '{"prototype":{"role":"admin"}}'],
] as const;

/** As text, because an object literal cannot have a field `__proto__`. */
function withField(fields: object, name: string, value: string): string {
  const others = JSON.stringify(fields).slice(1, -1);
  return `{"${name}":${value}${others === "" ? "" : `,${others}`}}`;
}

/** Ada's things, by the beginnings of the paths that lead to them. */
async function adasThings(): Promise<(path: string) => Parameters> {
  const ofOrder = (await order(cast)).parameters;
  const ofHook = { id: (await adasHook())?.id ?? "" };
  return (path) => {
    if (path.includes("users/")) return { id: cast.ada.account.userId };
    return path.includes("webhooks/") ? ofHook : ofOrder;
  };
}

describe("mass assignment", () => {
  test("every JSON body of the product is tried", () => {
    const described = cast.operations.flatMap(({ bodySchema }) => bodySchema ?? []);
    expect([...new Set(described)].sort()).toEqual(Object.keys(bodies).sort());
  });

  test.each(Object.entries(bodies))("%s takes no field but its own, and nothing changes", async (name, body) => {
    const ofService = (await serviceKey(cast)).parameters;
    const thingAt = await adasThings();
    const before = await body.state();
    for (const operation of cast.operations.filter(({ bodySchema }) => bodySchema === name)) {
      const { userId } = cast.ada.account;
      const isForAdmins = /^\/api\/(service-accounts|admin)/.test(operation.path);
      const client = isForAdmins ? cast.admin : cast.ada;
      const own = thingAt(operation.path);
      const path = fillPath(operation.path, { ...(isForAdmins ? ofService : own), userId });
      for (const [field, value] of HOSTILE) {
        const fields = body.fields();
        if (field in fields) continue;
        const response = await client.fetch(path, {
          method: operation.method,
          headers: { "Content-Type": "application/json" },
          body: withField(fields, field, value),
        });
        expect([operation.name, field, await statusOf(response)]).toEqual([operation.name, field, 422]);
      }
    }
    expect(await body.state()).toEqual(before);
  });
});
