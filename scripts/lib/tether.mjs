// Runs a program that must not outlive the command that started it, even when that command is killed outright.
// Started as leader of its own process group, with a pipe from the command as stdin: the pipe closes when the command
// is gone, however it went, and then the whole group ends.

import { spawn } from "node:child_process";

/** A program that hangs is not waited for longer than this. */
const GRACE_MS = 3000;

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });

child.on("error", (error) => {
  console.error(`✘ [ERROR] ${error.message}`);
  process.exit(1);
});
child.on("exit", (code) => endGroup(code ?? 1));

process.stdin.resume();
process.stdin.on("end", stopGently);
process.stdin.on("error", stopGently);
// The whole group gets these, the program too; this process stays until the program has ended.
process.on("SIGINT", stopGently);
process.on("SIGTERM", stopGently);

function stopGently() {
  child.kill("SIGINT");
  setTimeout(() => endGroup(1), GRACE_MS).unref();
}

/** Ends whatever the program has left behind, and this process with it. */
function endGroup(code) {
  if (process.platform !== "win32") process.kill(-process.pid, "SIGKILL");
  process.exit(code);
}
