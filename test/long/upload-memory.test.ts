import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import { Client } from "../system/support/client.ts";
import { freePort } from "../system/support/free-port.ts";
import { Heap } from "../system/support/heap.ts";

const MEGABYTE = 1024 * 1024;
/** What the promises allow, in bytes (C31). */
const RAW_MAX = 2_000_000;
const FORMS_MAX = 64_000_000;
const FORMS = 8;
/** Between two megabytes of a form: so slowly that all of them are under way at once. */
const PAUSE_MS = 150;

const state = mkdtempSync(join(tmpdir(), "halftone-memory-"));
const running: Halftone[] = [];
let heap: Heap;
let client: Client;

beforeAll(async () => {
  const options = { state, admin: false, vars: { LOG_LEVEL: "error", RATE_LIMIT: "100000" } };
  const inspectorPort = await freePort();
  running.push(await startHalftone({ ...options, services: ["images"], inspectorPort }));
  heap = await Heap.open(inspectorPort);
  const rest = await startHalftone({ ...options, services: ["gateway", "auth", "orders", "audit", "webhooks"] });
  running.push(rest);
  client = await Client.signUp(rest.url);
  expect(await putFile("what the first request loads")).toBe(201);
});

afterAll(async () => {
  heap?.close();
  await Promise.all(running.map((copy) => copy.kill()));
  rmSync(state, { recursive: true, force: true });
});

/** Fifty megabytes less a little for a form's frame; each of them different. */
function large(text: string): Buffer<ArrayBuffer> {
  return Buffer.alloc(50 * MEGABYTE - 1_000, `${text} `);
}

async function putFile(body: BodyInit): Promise<number> {
  return (await client.fetch("/api/files", { method: "PUT", body })).status;
}

/** Sends a form piece by piece. @returns the status of its answer, and its Retry-After */
async function sendForm(file: Buffer): Promise<(number | string | undefined)[]> {
  const head = Buffer.from('--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n');
  const foot = Buffer.from("\r\n--xyz--\r\n");
  const request = http.request(`${client.base}/api/files`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${client.account.accessToken}`,
      "Content-Type": "multipart/form-data; boundary=xyz",
      "Content-Length": head.length + file.length + foot.length,
    },
  });
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
  });
  request.write(head);
  for (let at = 0; at < file.length; at += MEGABYTE) {
    await new Promise((written) => request.write(file.subarray(at, at + MEGABYTE), written));
    await setTimeout(PAUSE_MS);
  }
  request.end(foot);
  const answer = await answered;
  answer.resume();
  return [answer.statusCode, answer.headers["retry-after"]];
}

test("a raw body of 50 MiB raises the live buffers by 2 MB at most", async () => {
  let status = 0;
  const rise = await heap.riseDuring(putFile(large("raw")).then((answered) => (status = answered)));
  expect(status).toBe(201);
  expect(rise).toBeLessThan(RAW_MAX);
});

test("eight forms of 50 MiB at once stay within 64 MB of live buffers, and a ninth is told to come again", async () => {
  const eight = Array.from({ length: FORMS }, (_, which) => sendForm(large(`form ${which}`)));
  const ninth = setTimeout(20 * PAUSE_MS).then(() => sendForm(large("ninth")));
  const answers = Promise.all([...eight, ninth]);
  const rise = await heap.riseDuring(answers);
  expect(await answers).toEqual([...Array(FORMS).fill([201, undefined]), [503, "2"]]);
  expect(rise).toBeLessThan(FORMS_MAX);
});
