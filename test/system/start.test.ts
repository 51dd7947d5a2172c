import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { startHalftone } from "../../scripts/lib/halftone.mjs";
import { Client } from "./support/client.ts";
import { freePort } from "./support/free-port.ts";
import { readLogs } from "./support/logs.ts";
import { makePhoto } from "./support/photo.ts";

const ROOT = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "halftone-start-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ended {
  code: number;
  printed: string;
}

/** Runs `npm start`'s script with these settings until it ends. */
function startAndFail(settings: Record<string, string>): Promise<Ended> {
  const env = { ...process.env, HALFTONE_STATE: join(home, "refused"), ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, ["scripts/start.mjs"], { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), printed: (stdout + stderr).trim() });
    });
  });
}

describe("npm start says in one sentence what to do when", () => {
  async function expectSentence(settings: Record<string, string>, about: RegExp): Promise<void> {
    const { code, printed } = await startAndFail(settings);
    expect(printed).toMatch(about);
    expect(printed.split("\n")).toHaveLength(1);
    expect(code).toBe(1);
  }

  test.each([
    [{ PORT: "abc" }, /PORT/],
    [{ RATE_LIMIT: "many" }, /RATE_LIMIT/],
    [{ LOG_LEVEL: "loud" }, /LOG_LEVEL.*debug/],
    [{ JWT_ACCESS_EXPIRE: "15" }, /JWT_ACCESS_EXPIRE.*15m/],
    [{ JWT_SECRET: "too-short" }, /JWT_SECRET.*32/],
    [{ JWT_SECRET: "your-very-secure-random-secret-min-32-chars" }, /JWT_SECRET/],
  ])("a setting is %j", (settings, about) => expectSentence(settings as Record<string, string>, about));

  test("the port is taken", async () => {
    const { port, release } = await heldPort();
    try {
      await expectSentence({ PORT: String(port) }, new RegExp(`${port}.*PORT=`));
    } finally {
      release();
    }
  });
});

/** A port that something else listens on. */
async function heldPort(): Promise<{ port: number; release: () => void }> {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  return { port: (holder.address() as { port: number }).port, release: () => holder.close() };
}

test("a taken port for gRPC holds no start up; LOG_LEVEL=error hides good work; a stop finishes what is in flight and takes no more", async () => {
  const grpcPort = await heldPort();
  const printed: string[] = [];
  const state = join(home, "drain");
  const copy = await startHalftone({
    state,
    admin: false,
    vars: { LOG_LEVEL: "error" },
    grpcPort: grpcPort.port,
    print: (line) => printed.push(line),
  });
  grpcPort.release();
  expect([copy.grpcPort, printed.filter((line) => line.includes(`Port ${grpcPort.port} is taken`)).length]).toEqual([
    undefined,
    1,
  ]);
  const client = await Client.signUp(copy.url);
  const photo = await makePhoto({ width: 800, height: 600 });
  const { id } = await client.uploadPhoto(photo);
  expect((await client.settled(id)).status).toBe("complete");
  expect(readLogs(state).filter(({ level }) => level !== "error")).toEqual([]);

  const upload = request(`${copy.url}/api/images`, {
    method: "PUT",
    headers: {
      Authorization: `Bearer ${client.account.accessToken}`,
      "Content-Type": "image/jpeg",
      "Content-Length": photo.length,
      Expect: "100-continue",
    },
  });
  const answered = new Promise<number>((resolve, reject) => {
    upload.on("response", (response) => resolve(response.statusCode ?? 0)).on("error", reject);
  });
  upload.write(photo.subarray(0, 1_000));
  // The server says that it has begun to read: from here on the request is in flight.
  await new Promise((resolve) => upload.once("continue", resolve));

  const stopped = copy.stop();
  await expect
    .poll(() =>
      fetch(`${copy.url}/health`).then(
        () => "open",
        () => "shut",
      ),
    )
    .toBe("shut");
  upload.end(photo.subarray(1_000));
  expect(await answered).toBe(202);
  expect(await stopped, "requests that had to be cut").toBe(0);
});

/** Command lines of running processes that name the folder (Linux only). */
function processesOn(folder: string): string[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const commands = ids.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ");
    } catch {
      return ""; // It has ended meanwhile.
    }
  });
  return commands.filter((command) => command.includes(folder));
}

test.runIf(process.platform === "linux").each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "%s leaves no process behind",
  async (signal) => {
    const state = join(home, "ends-by-signal");
    const env = { ...process.env, HALFTONE_STATE: state, PORT: String(await freePort()) };
    const started = spawn(process.execPath, ["scripts/start.mjs"], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise((resolve) => started.on("close", resolve));
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${env.PORT}/health`).then(
            (r) => r.ok,
            () => false,
          ),
        {
          timeout: 90_000,
          interval: 500,
        },
      )
      .toBe(true);
    expect(processesOn(state).length).toBeGreaterThan(1);
    started.kill(signal);
    await ended;
    await expect.poll(() => processesOn(state), { timeout: 15_000, interval: 250 }).toEqual([]);
  },
);
