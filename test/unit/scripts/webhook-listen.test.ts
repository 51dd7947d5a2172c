import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { signedHeaders } from "../../../workers/webhooks/src/delivery/sign.ts";
import { newSecret } from "../../../workers/webhooks/src/webhooks/secrets.ts";

const SCRIPT = join(import.meta.dirname, "../../../scripts/webhook-listen.mjs");
const BODY = JSON.stringify({ type: "order.created", resource: "an-order", sequence: 1, index: 4, metadata: {} });

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running) child.kill();
});

/** Starts the listener on a free port. */
async function listen(...args: string[]) {
  const child = spawn(process.execPath, [SCRIPT, "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  running.push(child);
  const exited = once(child, "exit");
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  const url = /http:\S+/.exec(String(first))?.[0] ?? "";
  return { url, rest: text(child.stdout), exited };
}

test("the listener ends after as many verified webhooks as it was told, and counts none that is not", async () => {
  const secret = newSecret();
  const { url, rest, exited } = await listen("--secret", secret, "--count", "2");
  const post = async (signedWith: string, id: string) => {
    const headers = signedHeaders([signedWith], id, Date.now(), BODY);
    return (await fetch(url, { method: "POST", headers, body: BODY })).status;
  };
  expect([await post(secret, "one"), await post(newSecret(), "two"), await post(secret, "three")]).toEqual([
    204, 401, 204,
  ]);
  expect((await exited)[0]).toBe(0);
  const lines = (await rest).trimEnd().split("\n");
  expect(lines).toEqual([
    "verified order.created one resource=an-order#1 log=4 {}",
    expect.stringMatching(/^REFUSED POST \/ "No matching signature/),
    "verified order.created three resource=an-order#1 log=4 {}",
  ]);
});

test.each([
  [["--secret", "x"]],
  [["--secret", "whsec_AAAA", "--port", "http"]],
  [["--secret", "whsec_AAAA", "--count", "0"]],
])("the listener stops with one sentence when it is told %j", async (args) => {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  running.push(child);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect([said.trim().split("\n").length, code]).toEqual([1, 1]);
});
