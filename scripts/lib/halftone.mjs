// Starts and stops a whole local copy: two wrangler processes and the front door.

import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { keptBundles } from "./bundles.mjs";
import { Stop } from "./command.mjs";
import { writeConfig } from "./config.mjs";
import { localAdmin } from "./first-admin.mjs";
import { createFrontDoor } from "./front-door.mjs";
import { createGrpcBridge } from "./grpc-bridge.mjs";
import { openLogFiles } from "./log-files.mjs";
import { describeEntry, isTrouble } from "./log-lines.mjs";
import { assertPortIsFree } from "./loopback.mjs";
import { services as allServices, layoutOf } from "./paths.mjs";
import { readLocalSettings } from "./read-settings.mjs";
import { assertNotRunning, markRunning } from "./running.mjs";
import { setUp } from "./setup.mjs";
import { startWorkers } from "./workers.mjs";

/** How long requests in flight may take to finish when a copy is stopped. */
export const DRAIN_MS = 30_000;
/** How long the Workers may take to find each other before the door opens all the same. */
const HEALTHY_MS = 20_000;

/**
 * Sets up and starts a copy. Resolves when it answers.
 * @param {object} [options]
 * @param {number} [options.port] of the front door; 0 takes any free one
 * @param {number[]} [options.extraPorts] further ports of the same door
 * @param {number} [options.grpcPort] of the bridge for native gRPC clients; 0 takes any free one, no bridge without it
 * @param {string} [options.state] folder of all its data; the developer's own copy without it
 * @param {Record<string, string>} [options.vars] settings and secrets, over those of the environment
 * @param {string[]} [options.services] which Workers run; all without it
 * @param {boolean} [options.bundled] whether it runs from bundles that are kept; its sources are bundled and watched without it
 * @param {boolean} [options.admin] whether the local admin is made
 * @param {string} [options.registry] folder through which Workers of several processes find each other; the copy's own without it
 * @param {number} [options.inspectorPort] of the debugger's protocol of all Workers but the resizer; any free one without it
 * @param {(line: string) => void} [options.print] takes the readable lines; nothing is printed without it
 * @param {(reason: string) => void} [options.onCrash] called when a process ends by itself
 * @returns {Promise<import("./halftone.d.mts").Halftone>}
 * @throws {Stop} one sentence on what to do
 */
export async function startHalftone({
  port = 0,
  extraPorts = [],
  grpcPort,
  state,
  vars = {},
  services = allServices,
  bundled = false,
  admin = true,
  registry,
  inspectorPort = 0,
  print = () => {},
  onCrash = () => {},
} = {}) {
  const layout = { ...layoutOf(state), ...(registry && { registry: resolve(registry) }) };
  const overrides = readLocalSettings({ ...process.env, ...vars });
  const unknown = Object.keys(vars).find((name) => !(name in overrides));
  if (unknown !== undefined)
    throw new Stop(`No Worker has a setting ${unknown}: see docs/commands.md for those there are.`);
  assertNotRunning(layout, services);
  for (const wanted of [port, ...extraPorts]) if (wanted !== 0) await assertPortIsFree(wanted);
  await setUp(layout);
  const bundles = bundled ? await keptBundles() : undefined;
  const login = admin ? await localAdmin(layout) : undefined;

  const logFiles = openLogFiles(layout.logs);
  const output = { isOpen: false };
  const processes = startProcesses(layout, services, overrides, {
    bundles,
    inspectorPort,
    onLine: (line) => keepLine(line, { logFiles, print, output, everything: overrides.LOG_LEVEL === "debug" }),
    onExit: () => onCrash(`A process of Halftone ended by itself: read ${layout.logs}, then start again.`),
  });
  const killAll = () => Promise.all(processes.map((each) => each.kill()));

  const door = { current: undefined };
  const bridge = { current: undefined };
  try {
    const [address] = await Promise.all(processes.map((each) => each.ready));
    await waitUntilHealthy(address);
    door.current = createFrontDoor(address);
    const actualPort = await door.current.listen(port);
    for (const extra of extraPorts) await door.current.listen(extra);
    if (grpcPort !== undefined) bridge.current = await openBridge(grpcPort, actualPort, print);
    output.isOpen = true;
    const url = `http://localhost:${actualPort}`;
    const unmark = markRunning(layout, { url, services });
    return {
      url,
      port: actualPort,
      grpcPort: bridge.current?.port,
      admin: login,
      /** Finishes the requests in flight, then stops; says how many had to be cut. */
      async stop(limitMs = DRAIN_MS) {
        const [cut] = await Promise.all([door.current.drain(limitMs), bridge.current?.drain(limitMs)]);
        await Promise.all(processes.map((each) => each.stop()));
        unmark();
        return cut;
      },
      /** Ends everything at once, as a power cut would. */
      async kill() {
        const killed = killAll();
        bridge.current?.close();
        door.current.close();
        await killed;
        unmark();
      },
    };
  } catch (error) {
    bridge.current?.close();
    door.current?.close();
    await killAll();
    throw error;
  }
}

/**
 * Opens the door of native gRPC clients. Few need it, so a start goes on without it where its port is taken.
 * @returns undefined then
 */
async function openBridge(grpcPort, port, print) {
  const bridge = createGrpcBridge({ host: "127.0.0.1", port });
  try {
    return { ...bridge, port: await bridge.listen(grpcPort) };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    print(
      `Port ${grpcPort} is taken, so native gRPC clients are not served: choose another one by GRPC_PORT, or 0 for none.`,
    );
    return undefined;
  }
}

/**
 * A local wrangler process runs all its Workers on one thread, and resizing a photo takes seconds of it: the resizer
 * has a process of its own, so that the others go on answering.
 */
function startProcesses(layout, services, overrides, { bundles, inspectorPort, onLine, onExit }) {
  prepareRegistry(layout, services);
  const groups = [
    services.filter((service) => service !== "resizer"),
    services.filter((service) => service === "resizer"),
  ];
  return groups
    .filter((group) => group.length > 0)
    .map((group) =>
      startWorkers({
        configs: group.map((service) => writeConfig(service, layout.config, overrides, bundles)),
        persistTo: group.includes("resizer") ? layout.resizerState : layout.state,
        // Two processes cannot have one port.
        inspectorPort: group.includes("resizer") ? 0 : inspectorPort,
        registry: layout.registry,
        onLine,
        onExit,
      }),
    );
}

/** A killed process stays in the registry for 90 seconds, and until then gets the messages meant for its successor. */
function prepareRegistry(layout, services) {
  mkdirSync(layout.registry, { recursive: true });
  // Only their own entries: others may belong to Workers that run beside these.
  for (const service of services) rmSync(join(layout.registry, `halftone-${service}`), { force: true });
}

function keepLine({ entry, text }, { logFiles, print, output, everything }) {
  if (text !== undefined) {
    logFiles.write("wrangler", text);
    if (everything || (output.isOpen && isTrouble(text))) print(text);
    return;
  }
  logFiles.write(allServices.includes(entry.service) ? entry.service : "other", JSON.stringify(entry));
  const isRequest = entry.msg === "request" && entry.service === "gateway";
  const isSerious = entry.level === "warn" || entry.level === "error";
  if (everything || (output.isOpen && (isRequest || isSerious))) print(describeEntry(entry));
}

/** The Workers of two processes find each other a moment after both have said that they are ready. */
async function waitUntilHealthy({ host, port }) {
  const deadline = Date.now() + HEALTHY_MS;
  while (Date.now() < deadline) {
    const isHealthy = await fetch(`http://${host}:${port}/health`, { signal: AbortSignal.timeout(HEALTHY_MS) }).then(
      (response) => response.ok,
      () => false,
    );
    if (isHealthy) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
