import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
/** Made once by the set-up of the project, and the same in every copy of it; git does not list them. */
const PREPARED = [".cache/databases", ".cache/page", "frontend/dist"];
const READY_WITHIN_MS = 110_000;
const STOPPED_WITHIN_MS = 15_000;

/**
 * A copy of the project as a clone is once it has been set up, with the installed packages linked in, so that commands
 * which keep their data in the project's own folder can be tried beside a running one.
 */
export function copyProject(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "halftone-copy-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const file of listed
    .toString()
    .split("\0")
    .filter((name) => name !== "")) {
    cpSync(join(ROOT, file), join(folder, file), { recursive: true });
  }
  for (const path of PREPARED) {
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface RunningCommand {
  stop(): Promise<void>;
}

/**
 * Starts a command as a person would in a terminal and waits until all services answer at the address.
 * @throws with what it printed when it ends early or takes too long
 */
export async function startCommand(
  program: string,
  args: string[],
  options: { cwd: string; env?: Record<string, string>; url: string },
): Promise<RunningCommand> {
  const { VITEST: _inTests, NODE_ENV: _testing, ...environment } = process.env;
  const env = { ...environment, ...options.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const child = spawn(program, args, { cwd: options.cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.on("data", (data) => (printed += data));
  child.stderr.on("data", (data) => (printed += data));
  const exited = new Promise<void>((resolve) => child.on("close", () => resolve()));

  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // It has ended already.
    }
  };
  const stop = async () => {
    signal("SIGINT");
    const limit = setTimeout(() => signal("SIGKILL"), STOPPED_WITHIN_MS);
    await exited;
    clearTimeout(limit);
  };

  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isHealthy(options.url))) {
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`${program} ${args.join(" ")} did not get ready. It printed:\n${printed.slice(-4_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return { stop };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`);
    const report = (await response.json()) as { status: string };
    return report.status === "healthy";
  } catch {
    return false;
  }
}
