// One `wrangler dev` process that runs one or more Workers.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Stop } from "./command.mjs";
import { eachLine, isTrouble, readLine } from "./log-lines.mjs";
import { pinnedNode, root } from "./paths.mjs";
import { toolEnvironment, wranglerScript } from "./wrangler.mjs";

const tether = fileURLToPath(new URL("tether.mjs", import.meta.url));
/** How long a process may take to stop before it is killed. */
const STOP_MS = 5000;
/** How many of its last lines a process that fails to start is quoted with. */
const QUOTED_LINES = 40;

/**
 * @param {object} options
 * @param {string[]} options.configs the Workers' manifests; the first one answers on the port
 * @param {string} options.persistTo folder of their data
 * @param {number} [options.inspectorPort] of the debugger's protocol; 0 takes any free one
 * @param {string} options.registry folder through which several processes find each other's Workers
 * @param {(line: ReturnType<typeof readLine>) => void} options.onLine
 * @param {() => void} options.onExit called when the process ends without having been told to
 */
export function startWorkers({ configs, persistTo, inspectorPort = 0, registry, onLine, onExit }) {
  const args = [
    wranglerScript,
    "dev",
    ...configs.flatMap((config) => ["-c", config]),
    ...["--persist-to", persistTo, "--ip", "127.0.0.1", "--port", "0", "--inspector-port", String(inspectorPort)],
    // The Workers' console.log lines come at this level, together with wrangler's own, which readLine tells apart.
    ...["--log-level", "log", "--show-interactive-dev-session=false"],
  ];
  const child = spawn(pinnedNode, [tether, pinnedNode, ...args], {
    cwd: root,
    env: toolEnvironment({ registry }),
    // Its own process group: Ctrl-C in the terminal must not reach it before the requests in flight are finished.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exited = new Promise((resolve) => child.on("close", resolve));
  const lastLines = [];
  let stopping = false;

  const ready = new Promise((resolve, reject) => {
    const onRawLine = (raw) => {
      const line = readLine(raw);
      if (line.text === "") return;
      lastLines.push(line.text ?? JSON.stringify(line.entry));
      if (lastLines.length > QUOTED_LINES) lastLines.shift();
      const address = /Ready on http:\/\/([^:/]+):(\d+)/.exec(line.text ?? "");
      if (address !== null) resolve({ host: address[1], port: Number(address[2]) });
      onLine(line);
    };
    eachLine(child.stdout, onRawLine);
    eachLine(child.stderr, onRawLine);
    exited.then(() => {
      reject(new Stop(`The Workers did not start:\n${quote(lastLines)}`));
      if (!stopping) onExit();
    });
  });
  // Whoever stops early does not wait for it any more.
  ready.catch(() => {});

  function signal(name) {
    try {
      process.kill(-child.pid, name);
    } catch {
      // The group has ended already.
    }
  }

  return {
    /** The address on which the first Worker answers. */
    ready,
    async stop() {
      stopping = true;
      signal("SIGINT");
      const limit = setTimeout(() => signal("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(limit);
    },
    async kill() {
      stopping = true;
      signal("SIGKILL");
      await exited;
    },
  };
}

/** What went wrong, without the banners before it. */
function quote(lines) {
  const start = lines.findIndex(isTrouble);
  return lines.slice(start === -1 ? -10 : start).join("\n");
}
