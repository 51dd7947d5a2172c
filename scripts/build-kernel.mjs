// npm run build:kernel: makes workers/resizer/kernel/kernel.wasm from its sources and pinned packages, byte for byte the
// same on every machine. With --check it builds, compares and changes nothing.

import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { runCommand, Stop } from "./lib/command.mjs";
import { compileKernel } from "./lib/kernel-compile.mjs";
import { kernelFolder, sha256Of } from "./lib/kernel-files.mjs";
import { unpackSources } from "./lib/kernel-packages.mjs";
import { root } from "./lib/paths.mjs";

const wasmFile = join(kernelFolder, "kernel.wasm");
const sumFile = join(kernelFolder, "kernel.wasm.sha256");

await runCommand(async () => {
  const packages = unpackSources();
  const wasm = await compileKernel(packages);
  if (process.argv.includes("--check")) {
    check(wasm);
    return 0;
  }
  writeFileSync(wasmFile, wasm);
  writeFileSync(sumFile, `${sha256Of(wasm)}  kernel.wasm\n`);
  console.log(`${relative(root, wasmFile)}: ${wasm.length} bytes, sha256 ${sha256Of(wasm)}`);
  return 0;
});

function check(wasm) {
  const committed = readFileSync(wasmFile);
  if (!committed.equals(wasm)) {
    throw new Stop(
      `kernel.wasm is not what its sources make (${sha256Of(committed)}, built ${sha256Of(wasm)}): run npm run build:kernel and commit the result.`,
    );
  }
  console.log(`kernel.wasm is what its sources make: sha256 ${sha256Of(wasm)}`);
}
