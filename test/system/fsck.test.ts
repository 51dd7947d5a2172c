import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startHalftone } from "../../scripts/lib/halftone.mjs";
import { Client } from "./support/client.ts";
import { Disk } from "./support/disk.ts";
import { makePhoto } from "./support/photo.ts";
import { runScript } from "./support/run-script.ts";

const MIB = 1024 * 1024;
/** Uploads that are under way when everything is killed: photos, files with a length, and forms in several parts. */
const UPLOADS = 50;
const FORM_BYTES = 7 * MIB;
/** How many are acknowledged before the kill. */
const ACKNOWLEDGED = 10;
const SETTLED_WITHIN_MS = 60_000;
/** Longer than the relay waits for an upload without a sign of life. */
const HOUR_MS = 60 * 60_000;
/** Two starts and four commands: on a machine that is busy with other things more than the usual two minutes. */
const FOUR_MINUTES_MS = 240_000;

const state = mkdtempSync(join(tmpdir(), "halftone-fsck-"));
const disk = new Disk(state);
const running: { kill(): Promise<void> }[] = [];

afterAll(async () => {
  await Promise.all(running.map((copy) => copy.kill()));
  rmSync(state, { recursive: true, force: true });
});

async function start() {
  const copy = await startHalftone({ state, bundled: true, vars: { LOG_LEVEL: "error", RATE_LIMIT: "100000" } });
  running.push(copy);
  return copy;
}

/** Runs a command of package.json over this copy. */
function command(script: string, args: string[], variables = {}) {
  return runScript(script, args, { HALFTONE_STATE: state, ...variables });
}

const fsck = () => command("fsck.mjs", ["--older-than", "0s"]);

function upload(client: Client, number: number, photo: Buffer): Promise<Response> {
  if (number % 5 === 0) {
    const form = new FormData();
    form.append("file", new File([new Uint8Array(FORM_BYTES).fill(number)], `${number}.bin`));
    return client.fetch("/api/files", { method: "POST", body: form });
  }
  if (number % 5 === 1) return client.fetch("/api/files", { method: "PUT", body: `Text ${number}` });
  return client.fetch("/api/images", { method: "PUT", body: Uint8Array.from([...photo, number]) });
}

/** Lets the uploads that the kill cut off grow old: nobody waits five minutes in a test. */
function timePasses(): void {
  disk.change("begun_object", `UPDATE begun_object SET begun_at = begun_at - ${HOUR_MS}`);
}

function unsettled(): number {
  const open = "SELECT id AS key FROM job WHERE status IN ('pending', 'processing')";
  return disk.rows(`${open} UNION ALL SELECT key FROM begun_object UNION ALL SELECT key FROM trash`).length;
}

function namedKeys(): string[] {
  const rows = disk.rows<{ key: string }>("SELECT key FROM file UNION SELECT key FROM variant ORDER BY key");
  return rows.map(({ key }) => key);
}

function filesOnDisk(): { id: string; key: string }[] {
  return disk.rows("SELECT id, key FROM file WHERE id NOT IN (SELECT id FROM image)");
}

test("rows are objects after a kill among fifty uploads; fsck names and repairs what is removed by hand", {
  timeout: FOUR_MINUTES_MS,
}, async () => {
  const first = await start();
  const client = await Client.signUp(first.url);
  const photo = await makePhoto({ width: 320, height: 240 });
  const acknowledged: string[] = [];
  let enough = () => {};
  const killNow = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const uploads = Array.from({ length: UPLOADS }, async (_, number) => {
    const answer = await upload(client, number, photo).catch(() => null);
    const view = answer?.ok ? ((await answer.json().catch(() => null)) as { id: string } | null) : null;
    if (view !== null) acknowledged.push(view.id);
    if (acknowledged.length === ACKNOWLEDGED) enough();
  });
  await killNow;
  await first.kill();
  await Promise.all(uploads);
  expect(acknowledged.length, "uploads that were answered before the kill").toBeLessThan(UPLOADS);
  expect(unsettled(), "uploads and jobs that the kill cut off").toBeGreaterThan(0);
  timePasses();

  const { url, admin } = await start();
  await expect.poll(unsettled, { timeout: SETTLED_WITHIN_MS, interval: 500 }).toBe(0);
  // What the kill left between an attempt's bytes and its row, nobody knows of: fsck finds it.
  await fsck();
  expect(disk.storedKeys()).toEqual(namedKeys());
  const ids = disk.rows<{ id: string }>("SELECT id FROM file").map(({ id }) => id);
  expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);

  const [stripped, emptied] = filesOnDisk();
  if (stripped === undefined || emptied === undefined) throw new Error("There are too few files to take from.");
  disk.change("file", `DELETE FROM file WHERE id = '${stripped.id}'`);
  disk.removeObject(emptied.key);
  const repaired = await fsck();
  expect(repaired.code).toBe(1);
  expect(repaired.printed).toMatch(new RegExp(`1 × stray_object.*\n  ${stripped.key}`));
  expect(repaired.printed).toMatch(new RegExp(`1 × lost_original.*\n  ${emptied.key}`));
  expect((await client.at(url).fetch(`/api/files/${emptied.id}`)).status).toBe(410);
  expect(await fsck()).toMatchObject({ code: 0, printed: expect.stringContaining("Everything fits together.") });
  expect(disk.storedKeys()).toEqual(namedKeys().filter((key) => key !== emptied.key));

  // Of a deployment the same is asked with an API key.
  if (admin === undefined) throw new Error("The copy has no admin.");
  const { key } = await (await Client.signIn(url, admin)).makeKey(["system:manage"]);
  const queue = await command("queue.mjs", ["--url", url], { HALFTONE_ADMIN_KEY: key });
  expect(queue).toMatchObject({ code: 0, printed: expect.stringContaining("0 wait, 0 in work, 0 failed") });
});
