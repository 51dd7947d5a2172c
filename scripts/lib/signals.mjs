// Keeps a started copy running until somebody stops it.

import { EventEmitter } from "node:events";

/** npm passes a Ctrl-C on that the terminal has already delivered: a second one this soon is the same key press. */
const SAME_KEY_PRESS_MS = 1000;
/** How often it is looked whether npm is still there. */
const PARENT_CHECK_MS = 500;
/** What a shell reports for a program that ended by Ctrl-C. */
const INTERRUPTED = 130;

/**
 * The first SIGINT, SIGTERM or SIGHUP finishes the requests in flight, the second one stops at once.
 * @param {(onCrash: (reason: string) => void) => Promise<{ stop(): Promise<number>, kill(): Promise<void> }>} start
 * @returns {Promise<number>} the exit code
 */
export async function runUntilSignal(start) {
  const events = new EventEmitter();
  const ended = new Promise((resolve) => events.once("end", resolve));
  let firstAt;
  let halftone;

  async function onSignal() {
    // Not started yet: nothing to finish, and the children end with this process.
    if (halftone === undefined) process.exit(INTERRUPTED);
    if (firstAt === undefined) {
      firstAt = Date.now();
      events.emit("end", undefined);
      return;
    }
    if (Date.now() - firstAt < SAME_KEY_PRESS_MS) return;
    await halftone.kill();
    process.exit(INTERRUPTED);
  }
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, onSignal);
  onEndOfNpm(onSignal);

  halftone = await start((reason) => events.emit("end", reason));
  const crash = await ended;
  if (crash !== undefined) {
    console.error(crash);
    await halftone.kill();
    return 1;
  }
  console.log("\nStopping: requests in flight may finish (Ctrl-C again stops at once) …");
  const cut = await halftone.stop();
  console.log(cut === 0 ? "Stopped." : `Stopped; ${cut} requests took too long and were cut.`);
  return 0;
}

/** Whoever kills npm means what npm started: without its parent the copy would run on unseen and hold its port. */
function onEndOfNpm(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    stop();
  }, PARENT_CHECK_MS);
  timer.unref();
}
