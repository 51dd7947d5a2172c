// Calls wrangler under the pinned Node, offline and quiet.

import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { Stop } from "./command.mjs";
import { pinnedNode, root } from "./paths.mjs";

export const wranglerScript = join(root, "node_modules/wrangler/bin/wrangler.js");

/**
 * The environment of every tool we start.
 * @param {{ registry?: string }} options
 */
export function toolEnvironment({ registry } = {}) {
  const environment = {
    ...process.env,
    PATH: join(root, "node_modules/.bin") + delimiter + (process.env.PATH ?? ""),
    // Offline: do not ask Cloudflare for a sample of request.cf, nor send usage figures.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    // A .env file must not become secrets of the gateway.
    CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false",
    // The local trace store costs most of the local speed.
    X_LOCAL_OBSERVABILITY: process.env.X_LOCAL_OBSERVABILITY ?? "false",
    // Reading wrangler's fifteen megabytes anew would be a sixth of what a short command costs.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, ".cache/node"),
    // The root manifest's build command is for a bare `wrangler dev` and stands back when we call.
    HALFTONE_COMMAND: "1",
    NO_COLOR: "1",
  };
  // A FORCE_COLOR beside NO_COLOR makes Node print a warning.
  delete environment.FORCE_COLOR;
  if (registry !== undefined) environment.WRANGLER_REGISTRY_PATH = registry;
  return environment;
}

/**
 * Runs wrangler to its end.
 * @param {string[]} args
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function runWrangler(args) {
  // Without a terminal wrangler asks nothing.
  return runTool(pinnedNode, [wranglerScript, ...args]);
}

/** Runs a program to its end and keeps what it said. */
export function runTool(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: toolEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/**
 * Runs wrangler and stops with its own words when it fails.
 * @param {string[]} args
 * @param {string} purpose completes the sentence "Could not …"
 */
export async function mustRunWrangler(args, purpose) {
  const result = await runWrangler(args);
  if (result.code !== 0) throw new Stop(`Could not ${purpose}:\n${result.stderr.trim() || result.stdout.trim()}`);
  return result;
}
