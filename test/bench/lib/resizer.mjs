// The resizer as it would be deployed, in workerd itself: what `wrangler dev` adds would be measured with it otherwise.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import workerd from "workerd";
import { manifestOf } from "../../../scripts/lib/paths.mjs";
import { mustRunWrangler } from "../../../scripts/lib/wrangler.mjs";
import { processMeter } from "./process-meter.mjs";

/** One WebAssembly memory may grow to 80 MiB: the limit that the kernel is linked with, held to for all of them. */
const MEMORY_PAGES = 1280;
const COMPATIBILITY_DATE = "2026-09-18";
const VARIANTS = ["large", "medium", "small", "thumbnail"];
/** workerd tells on this descriptor which port it took. */
const CONTROL_FD = 3;

/** Where the resizer gets its WebP encoder from, and what takes that place when it is compared at equal effort. */
const ENCODER = "@jsquash/webp/codec/enc/webp_enc_simd.js";
const EFFORT_4_ENCODER = join(import.meta.dirname, "effort-4.mjs");

/**
 * Bundles the resizer as a deploy would.
 * @param {string} folder
 * @returns {Promise<{ folder: string, files: string[], gzipBytes: number }>}
 */
export function buildResizer(folder) {
  return bundleInto(folder, []);
}

/** The same with every size encoded at libwebp's effort 4. */
export function buildResizerAtEffort4(folder) {
  return bundleInto(folder, ["--alias", `${ENCODER}:${EFFORT_4_ENCODER}`]);
}

async function bundleInto(folder, more) {
  // Modules are named by their content, so an older build's would be counted too.
  rmSync(folder, { recursive: true, force: true });
  const args = ["deploy", "--dry-run", "-c", manifestOf("resizer"), "--outdir", folder, ...more];
  await mustRunWrangler(args, "build the resizer");
  const files = readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name));
  const gzipBytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
  return { folder, files, gzipBytes };
}

/**
 * Starts workerd with a built resizer and a stand-in for the images Worker.
 * @param {{ folder: string, files: string[] }} bundle
 */
export async function startResizer(bundle) {
  copyFileSync(join(import.meta.dirname, "stand-in.mjs"), join(bundle.folder, "stand-in.mjs"));
  writeFileSync(join(bundle.folder, "config.capnp"), configOf(bundle.files));
  const args = ["serve", "--experimental", `--control-fd=${CONTROL_FD}`, "config.capnp"];
  const child = spawn(workerd.default, args, { cwd: bundle.folder, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const said = keepLines(child);
  const port = await listeningPort(child, said);

  const base = `http://127.0.0.1:${port}`;
  const meter = processMeter(child.pid);
  return {
    meter,
    /** Hands the next jobs' photo over, and what its variants are to be. */
    async give(photo, format = "webp") {
      await must(fetch(`${base}/photo?format=${format}`, { method: "PUT", body: photo }));
    },
    /**
     * Runs one job.
     * @returns {Promise<{ cpuMs: number, report: object }>} CPU of the whole process; the job's own log line
     * @throws when the job does not complete
     */
    async run() {
      const before = meter.cpuMs();
      const { end } = await (await must(fetch(`${base}/job`, { method: "POST" }))).json();
      const cpuMs = meter.cpuMs() - before;
      if (end !== "complete") throw new Error(`Not resized: ${end}\n${said.slice(-5).join("\n")}`);
      return { cpuMs, report: reportOf(said) };
    },
    /** The variants of the last job. */
    async variants() {
      const read = async (name) => {
        const answer = await must(fetch(`${base}/variants/${name}`));
        return [name, Buffer.from(await answer.arrayBuffer())];
      };
      return Object.fromEntries(await Promise.all(VARIANTS.map(read)));
    },
    async stop() {
      const exited = once(child, "close");
      child.kill();
      await exited;
    },
  };
}

/** @returns {Promise<number>} the port that workerd took, as soon as it answers there */
async function listeningPort(child, said) {
  for await (const line of createInterface({ input: child.stdio[CONTROL_FD] })) {
    const event = JSON.parse(line);
    if (event.event === "listen") return event.port;
  }
  throw new Error(`workerd did not start:\n${said.join("\n")}`);
}

/** Everything that the process prints, line by line. */
function keepLines(child) {
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => lines.push(line));
  }
  return lines;
}

/** The job's own log line. */
function reportOf(lines) {
  const line = lines.findLast((text) => text.includes('"msg":"job"'));
  return line === undefined ? {} : JSON.parse(line);
}

async function must(answering) {
  const answer = await answering;
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** @param {string[]} files of the bundle */
function configOf(files) {
  const modules = files.map((name) =>
    name.endsWith(".wasm")
      ? `(name = "./${name}", wasm = embed "${name}")`
      : `(name = "${name}", esModule = embed "${name}")`,
  );
  // The first module is the one that workerd starts.
  modules.sort((one, other) => Number(one.includes(".wasm")) - Number(other.includes(".wasm")));
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "images", worker = .images), (name = "resizer", worker = .resizer)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "images")],
  v8Flags = ["--wasm-max-mem-pages=${MEMORY_PAGES}"],
);

const images :Workerd.Worker = (
  modules = [(name = "stand-in.mjs", esModule = embed "stand-in.mjs")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ["service_binding_extra_handlers"],
  bindings = [(name = "RESIZER", service = "resizer")],
);

const resizer :Workerd.Worker = (
  modules = [
    ${modules.join(",\n    ")},
  ],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [
    (name = "IMAGES", service = (name = "images", entrypoint = "JobsService")),
    (name = "SERVICE_NAME", text = "resizer"),
    (name = "LOG_LEVEL", text = "info"),
  ],
);
`;
}
