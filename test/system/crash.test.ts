import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { startHalftone } from "../../scripts/lib/halftone.mjs";
import { Client } from "./support/client.ts";
import { Disk } from "./support/disk.ts";
import { makePhoto } from "./support/photo.ts";
import { askUpload, beginUpload, sendBytes } from "./support/resumable.ts";

const PHOTOS = 5;
const ORDERS = 10;
/** Resumable uploads whose only request is under way when everything is killed. */
const RACING_UPLOADS = 8;
const RACING_BYTES = 200_000;
/** One that was begun: a part in the bucket, and the rest of what came beside it. */
const BEGUN_BYTES = 6_000_000;
/** The promise: settled within this time after the next start, without anybody asking. */
const SETTLED_WITHIN_MS = 30_000;

const state = mkdtempSync(join(tmpdir(), "halftone-crash-"));
const options = { state, admin: false, vars: { LOG_LEVEL: "error", RATE_LIMIT: "100000" } };
const disk = new Disk(state);
const running: { kill(): Promise<void> }[] = [];

/** Somebody's server, which hangs until the Workers are back: what it was sent before then, nobody knows to have arrived. */
const receiver = { orders: new Set<string>(), hanging: [] as ServerResponse[], isWell: false };
const server = createServer(async (request, response) => {
  const { resource } = JSON.parse(await text(request)) as { resource: string };
  if (!receiver.isWell) {
    receiver.hanging.push(response);
    return;
  }
  receiver.orders.add(resource);
  response.end();
});

async function listen(): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all(running.map((copy) => copy.kill()));
  rmSync(state, { recursive: true, force: true });
});

async function start() {
  const copy = await startHalftone(options);
  running.push(copy);
  return copy;
}

test("nothing that was acknowledged is lost when every process is killed", async () => {
  const first = await start();
  const client = await Client.signUp(first.url);
  const photos = await Promise.all(
    Array.from({ length: PHOTOS }, (_, i) => makePhoto({ width: 2000, height: 1500 }, i + 1)),
  );
  const hook = { url: await listen(), events: ["order.created"] };
  expect((await client.send("POST", "/api/webhooks", hook)).status).toBe(201);
  const orders = await Promise.all(
    Array.from({ length: ORDERS }, (_, i) => {
      const body = JSON.stringify({ product: `Print ${i}`, quantity: 1, price: 9.99 });
      const headers = { "Content-Type": "application/json" };
      return client.json<{ id: string }>("/api/orders", { method: "POST", headers, body });
    }),
  );
  const finished = await client.uploadPhoto(await makePhoto({ width: 640, height: 480 }));
  expect(await client.settled(finished.id)).toMatchObject({ status: "complete" });
  await expect.poll(() => receiver.hanging.length, { timeout: SETTLED_WITHIN_MS }).toBeGreaterThan(0);
  const uploads = await Promise.all(photos.map((photo) => client.uploadPhoto(photo)));
  expect((await askForJpeg(client, first.url, finished.id)).status, "JPEG on demand, begun").toBe(503);
  const begun = await beginUpload(client, 2 * BEGUN_BYTES);
  expect((await sendBytes(client, begun, 0, new Uint8Array(BEGUN_BYTES).fill(1))).status).toBe(204);
  const racing = await Promise.all(Array.from({ length: RACING_UPLOADS }, () => beginUpload(client, RACING_BYTES)));
  const acknowledged = new Set<string>();
  const requests = racing.map(async (path) => {
    const sent = await sendBytes(client, path, 0, new Uint8Array(RACING_BYTES)).catch(() => null);
    if (sent?.status === 204) acknowledged.add(path);
  });
  await Promise.race(requests);
  await first.kill();
  receiver.isWell = true;
  await Promise.all(requests);
  expect(acknowledged.size, "uploads that ended before the kill").toBeGreaterThan(0);

  const openBefore = disk.rows<{ id: string }>("SELECT id FROM job WHERE status IN ('pending', 'processing')");
  expect(openBefore.length, "jobs that the kill cut off").toBeGreaterThan(0);

  const second = await start();
  const imageIds = [finished, ...uploads].map((upload) => upload.id).sort();
  const orderIds = orders.map((order) => order.id).sort();
  await expect
    .poll(() => openWork(), { timeout: SETTLED_WITHIN_MS, interval: 500 })
    .toEqual({ jobs: 0, waitingEvents: 0 });

  await expect.poll(() => [...receiver.orders].sort(), { timeout: SETTLED_WITHIN_MS, interval: 500 }).toEqual(orderIds);

  const images = disk.rows<{ id: string; status: string }>("SELECT id, status FROM image ORDER BY id");
  expect(images).toEqual(imageIds.map((id) => ({ id, status: "complete" })));
  expect(loggedResources("order.created")).toEqual(orderIds);
  expect(loggedResources("image.uploaded")).toEqual(imageIds);
  expect(loggedResources("image.completed")).toEqual(imageIds);
  expect(loggedResources("user.registered")).toEqual([client.account.userId]);
  expect(loggedResources("session.opened")).toHaveLength(1);

  const back = client.at(second.url);
  const files: string[] = [];
  for (const path of racing) {
    const { offset, fileId } = await askUpload(back, path);
    if (acknowledged.has(path)) expect(offset).toBe(RACING_BYTES);
    expect([offset, fileId !== null]).toEqual([offset, offset === RACING_BYTES]);
    if (fileId !== null) files.push(fileId);
  }
  expect((await askUpload(back, begun)).offset).toBe(BEGUN_BYTES);
  const last = await sendBytes(back, begun, BEGUN_BYTES, new Uint8Array(BEGUN_BYTES).fill(2));
  const whole = await (await back.fetch(`/api/files/${last.headers.get("X-File-Id")}`)).bytes();
  expect([whole.length, whole.at(0), whole.at(BEGUN_BYTES - 1), whole.at(BEGUN_BYTES)]).toEqual([
    2 * BEGUN_BYTES,
    1,
    1,
    2,
  ]);
  expect(disk.rows("SELECT id FROM file WHERE id NOT IN (SELECT id FROM image)")).toHaveLength(files.length + 1);
  await expect
    .poll(() => loggedResources("file.uploaded"), { timeout: SETTLED_WITHIN_MS, interval: 500 })
    .toEqual([...files, last.headers.get("X-File-Id")].sort());

  const jpeg = await askForJpeg(client, second.url, finished.id);
  expect([jpeg.status, jpeg.headers.get("Content-Type")]).toEqual([200, "image/jpeg"]);
});

function askForJpeg(client: Client, base: string, id: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${client.account.accessToken}`, Accept: "image/jpeg" };
  return fetch(`${base}/api/images/${id}/small`, { headers });
}

function openWork() {
  const openJobs = "SELECT id FROM job WHERE status IN ('pending', 'processing')";
  const waiting = "SELECT id FROM outbox WHERE set_aside IS NULL";
  const inObjects = ["halftone-auth-UserSessions", "halftone-audit-Log"];
  return {
    jobs: disk.rows(openJobs).length,
    waitingEvents: disk.rows(waiting).length + inObjects.flatMap((name) => disk.objectRows(name, waiting)).length,
  };
}

/** What the log says happened, each as often as it stands there. */
function loggedResources(type: string): string[] {
  const entries = disk.objectRows<{ body: string }>("halftone-audit-Log", "SELECT body FROM entry");
  const events = entries.map((entry) => JSON.parse(entry.body) as { type: string; resource: string });
  return events
    .filter((event) => event.type === type)
    .map((event) => event.resource)
    .sort();
}
