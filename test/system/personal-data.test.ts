import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import { DATA_SERVICES, type ErasureView, type ExportView } from "../../shared/contracts/personal-data.ts";
import { Client, PASSWORD } from "./support/client.ts";
import { Disk } from "./support/disk.ts";
import { freePort } from "./support/free-port.ts";
import { makePhoto } from "./support/photo.ts";
import { readZip } from "./support/zip.ts";

/** Enough for a job of some fifty pages, so that a kill finds it at work. */
const ORDERS = 300;
/** Their events leave together, which costs a fraction of what they cost one by one. */
const AT_ONCE = 20;
/** How often the kill may come too late. */
const KILLS_MAX = 5;
const DONE_WITHIN_MS = 60_000;

const state = mkdtempSync(join(tmpdir(), "halftone-personal-data-"));
const disk = new Disk(state);
let port: number;
let product: Halftone;
let ada: Client;
let eve: Client;
let admin: Client;
let photos: Map<string, Buffer>;
let orderIds: string[];

async function start(): Promise<void> {
  product = await startHalftone({ state, port, bundled: true, vars: { LOG_LEVEL: "error", RATE_LIMIT: "100000" } });
}

async function killAndStart(): Promise<void> {
  await product.kill();
  await start();
}

beforeAll(async () => {
  port = await freePort();
  await start();
  if (product.admin === undefined) throw new Error("The copy has no admin.");
  admin = await Client.signIn(product.url, product.admin);
  [ada, eve] = await Promise.all([Client.signUp(product.url), Client.signUp(product.url)]);
  photos = new Map();
  for (const seed of [1, 2, 3]) {
    const photo = await makePhoto({ width: 800, height: 600 }, seed);
    // Two have the same name.
    const { id } = await ada.uploadPhoto(photo, seed === 1 ? "müller's cat.jpg" : "holiday.jpg");
    await ada.settled(id);
    photos.set(id, photo);
  }
  await eve.settled((await eve.uploadPhoto(await makePhoto({ width: 800, height: 600 }, 4))).id);
  await placeOrder(eve);
  orderIds = await placeOrders(ada);
  await ada.makeKey(["images:read"]);
  await vi.waitUntil(() => waitingEvents() === 0, { timeout: DONE_WITHIN_MS, interval: 500 });
});
afterAll(async () => {
  await product.kill();
  rmSync(state, { recursive: true, force: true });
});

async function placeOrder(client: Client): Promise<string> {
  const response = await client.send("POST", "/api/orders", { product: "Print", quantity: 1, price: 5 });
  return ((await response.json()) as { id: string }).id;
}

/** @returns their ids in the order in which they were given */
async function placeOrders(client: Client): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < ORDERS) {
    ids.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => placeOrder(client)))));
  }
  return ids.sort();
}

function waitingEvents(): number {
  const waiting = "SELECT id FROM outbox WHERE set_aside IS NULL";
  const inObjects = ["halftone-auth-UserSessions", "halftone-audit-Log"];
  return disk.rows(waiting).length + inObjects.flatMap((name) => disk.objectRows(name, waiting)).length;
}

async function startExport(client: Client): Promise<ExportView> {
  const response = await client.fetch("/api/users/me/export", { method: "POST" });
  expect(response.status).toBe(202);
  return (await response.json()) as ExportView;
}

async function finished({ id }: ExportView): Promise<ExportView> {
  await expect
    .poll(() => ada.json<ExportView>(`/api/exports/${id}`), { timeout: DONE_WITHIN_MS })
    .toMatchObject({ status: "done", parts: DATA_SERVICES.map((service) => ({ service, status: "done" })) });
  return ada.json<ExportView>(`/api/exports/${id}`);
}

type Line = { record: string; id: string } & Record<string, unknown>;

/** The lines of every part. Each must be JSON, and there must be as many as the export says. */
async function readParts(view: ExportView): Promise<Record<string, Line[]>> {
  const parts = view.parts.map(async ({ service, url, records, bytes }) => {
    const text = await (await ada.fetch(url)).text();
    expect(Buffer.byteLength(text)).toBe(bytes);
    const lines = text.split("\n").slice(0, -1);
    expect(lines).toHaveLength(records);
    return [service, lines.map((line) => JSON.parse(line) as Line)] as const;
  });
  return Object.fromEntries(await Promise.all(parts));
}

const kindsOf = (lines: Line[] = []) => lines.map((line) => line.record);
const idsOf = (lines: Line[] = []) => lines.map((line) => line.id);
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("an export holds everything about its person, and goes on after a kill as if there had been none", async () => {
  const whole = await readParts(await finished(await startExport(ada)));
  expect(kindsOf(whole.auth)).toEqual(["profile", "session", "key"]);
  expect(idsOf(whole.images)).toEqual([...photos.keys()]);
  expect(idsOf(whole.orders)).toEqual(orderIds);
  const actions = new Set(whole.audit?.map((entry) => entry.action));
  for (const action of ["USER_REGISTER", "USER_LOGIN", "KEY_CREATE", "IMAGE_UPLOAD", "IMAGE_PROCESSED", "ORDER_CREATE"])
    expect(actions).toContain(action);
  expect(whole.webhooks?.filter((event) => event.type === "order.created")).toHaveLength(ORDERS);
  expect(JSON.stringify(whole)).not.toContain(eve.account.userId);

  const cutOff = await exportThatIsKilled();
  const resumed = await readParts(await finished(cutOff));
  for (const service of ["auth", "images", "orders", "webhooks"]) expect(resumed[service]).toEqual(whole[service]);
  // The log has grown by the exports themselves.
  expect(resumed.audit?.slice(0, whole.audit?.length)).toEqual(whole.audit);
  expect(new Set(idsOf(resumed.audit)).size).toBe(resumed.audit?.length);
});

/** Kills every process while an export is running, and starts them again. */
async function exportThatIsKilled(): Promise<ExportView> {
  for (let kills = 0; kills < KILLS_MAX; kills++) {
    const view = await startExport(ada);
    await product.kill();
    const found = disk.objectRows<{ status: string }>("halftone-audit-UserExport", "SELECT status FROM export");
    await start();
    if (found.some(({ status }) => status === "running")) return view;
  }
  throw new Error(`No export was running at ${KILLS_MAX} kills.`);
}

test("the photos come as a zip whose every byte is the one that was uploaded", async () => {
  const { photosUrl } = await startExport(ada);
  const zip = Buffer.from(await (await ada.fetch(photosUrl)).arrayBuffer());
  const uploaded = [...photos].map(([id, photo]) => [id, sha256(photo)]);
  const unpacked = [...readZip(zip)].map(([name, bytes]) => [name.slice(0, 36), sha256(bytes)]);
  expect(unpacked).toEqual(uploaded);
  expect([...readZip(zip).keys()].map((name) => name.slice(37))).toEqual([
    "müller's cat.jpg",
    "holiday.jpg",
    "holiday.jpg",
  ]);
});

test("nobody reads somebody else's export, not even an admin", async () => {
  const view = await finished(await startExport(ada));
  const paths = [`/api/exports/${view.id}`, view.photosUrl, ...view.parts.map(({ url }) => url)];
  for (const path of paths) {
    for (const stranger of [eve, admin]) {
      const response = await stranger.fetch(path);
      await response.arrayBuffer();
      expect([path, response.status]).toEqual([path, 404]);
    }
  }
});

test("an erasure survives a kill, leaves nothing of its person and touches nobody else", async () => {
  const { userId, email, refreshToken } = ada.account;
  const { key } = await ada.makeKey(["images:read"]);
  const [imageId = ""] = photos.keys();
  const { sizes } = await ada.details(imageId);
  const evesOrders = await eve.json("/api/orders");
  const evesLog = await eve.json("/api/audit/logs");
  const evesKeys = disk.storedKeys().filter((name) => name.startsWith(eve.account.userId));
  expect(disk.storedKeys().filter((name) => name.startsWith(userId))).toHaveLength(3 * 5);

  expect(rowsLeftOf(userId).length).toBeGreaterThan(ORDERS);
  expect(disk.objectRows("halftone-audit-Log", personalPartsOf(userId)).length).toBeGreaterThan(ORDERS);

  const path = `/api/users/${userId}`;
  expect((await ada.fetch(path, { method: "DELETE" })).status).toBe(422);
  expect((await ada.send("DELETE", path, { currentPassword: "a guess" })).status).toBe(422);
  expect((await eve.send("DELETE", path, { currentPassword: PASSWORD })).status).toBe(404);
  const response = await ada.send("DELETE", path, { currentPassword: PASSWORD });
  expect(response.status).toBe(202);
  const erasure = (await response.json()) as ErasureView;
  expect(erasure).toMatchObject({ userId, status: "erasing", doneAt: null });
  expect((await ada.fetch("/api/users/me/export", { method: "POST" })).status).toBe(401);

  await killAndStart();
  const done = Object.fromEntries(DATA_SERVICES.map((service) => [service, "done"]));
  await expect
    .poll(() => fetch(`${product.url}/api/erasures/${erasure.id}`).then((answer) => answer.json()), {
      timeout: DONE_WITHIN_MS,
      interval: 500,
    })
    .toMatchObject({ id: erasure.id, status: "done", services: done, doneAt: expect.any(String) });

  const login = { email, password: PASSWORD };
  const statuses = await Promise.all([
    ada.fetch("/profile"),
    ada.fetch("/profile", { headers: { Authorization: `Bearer ${key}` } }),
    eve.send("POST", "/login", login),
    eve.send("POST", "/refresh", { refreshToken }),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  for (const client of [eve, admin]) {
    for (const gone of [`/api/images/${imageId}`, `/api/files/${imageId}/meta`, path]) {
      const answer = await client.fetch(gone);
      await answer.arrayBuffer();
      expect([gone, answer.status]).toEqual([gone, 404]);
    }
  }
  const signed = new URL(sizes.thumbnail?.url ?? "");
  expect((await fetch(`${product.url}${signed.pathname}${signed.search}`)).status).toBe(404);

  // An order is a business record: it stays, and nobody knows whose it was.
  expect((await eve.fetch(`/api/orders/${orderIds[0]}`)).status).toBe(404);
  expect(await admin.json(`/api/orders/${orderIds[0]}`)).toMatchObject({ userId: "system", total: 5 });

  expect(rowsLeftOf(userId)).toEqual([]);
  expect(disk.storedKeys().filter((name) => name.startsWith(userId))).toEqual([]);
  expect(disk.objectRows("halftone-audit-UserExport", "SELECT * FROM chunk")).toEqual([]);

  const again = await admin.fetch(path, { method: "DELETE" });
  expect([again.status, await again.json()]).toEqual([
    202,
    expect.objectContaining({ id: erasure.id, status: "done" }),
  ]);
  expect(await eve.json("/api/orders")).toEqual(evesOrders);
  expect(await eve.json("/api/audit/logs")).toEqual(evesLog);
  expect(disk.storedKeys().filter((name) => name.startsWith(eve.account.userId))).toEqual(evesKeys);
  const newcomer = await fetch(`${product.url}/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(login),
  });
  expect(newcomer.status).toBe(201);
});

/** What the databases still tell of somebody, as far as it is more than an id. */
function rowsLeftOf(userId: string): unknown[] {
  const ofUser = `user_id = '${userId}'`;
  const tells = "(ip IS NOT NULL OR user_agent IS NOT NULL OR metadata <> '{}')";
  return [
    ...disk.rows(`SELECT id FROM users WHERE id = '${userId}'`),
    ...disk.rows(`SELECT id FROM file WHERE ${ofUser}`),
    ...disk.rows(`SELECT id FROM image WHERE ${ofUser}`),
    ...disk.rows("SELECT key FROM trash"),
    ...disk.rows(`SELECT id FROM orders WHERE ${ofUser}`),
    ...disk.rows(`SELECT id FROM event WHERE account = '${userId}'`),
    ...disk.rows(`SELECT id FROM entry WHERE (account = '${userId}' OR ${ofUser}) AND ${tells}`),
    ...disk.objectRows("halftone-audit-Log", personalPartsOf(userId)),
  ];
}

function personalPartsOf(userId: string): string {
  return `SELECT personal.body FROM personal JOIN entry ON entry.idx = personal.idx
    WHERE json_extract(entry.body, '$.account') = '${userId}'`;
}
