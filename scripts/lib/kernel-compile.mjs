// Compiles the decoding halves of libjpeg-turbo and libwebp and the kernel's own C to one WebAssembly file that imports
// nothing.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Stop } from "./command.mjs";
import { configHeaders } from "./kernel-config.mjs";
import { kernelFolder } from "./kernel-files.mjs";
import { compileWebp, readWebp, WEBP_CALLS, WEBP_LAYOUT_FLAGS } from "./kernel-webp.mjs";

/** What encodes, maps colours to palettes, merges steps for speed or reads files is left out. */
const LIBRARY_SOURCES = [
  ..."jcomapi jdapimin jdapistd jdcoefct jdcolor jddctmgr jdhuff jdinput jdmainct jdmarker jdmaster".split(" "),
  ..."jdphuff jdpostct jdsample jidctred jmemmgr jmemnobs jsimd_none jutils".split(" "),
];

const COMPILER_FLAGS = [
  ...["-O3", "-msimd128", "-mbulk-memory", "-DNDEBUG", "-DNO_GETENV", "-DNO_PUTENV"],
  // The library's tables for dequantizing, in the width that the kernel's transforms load.
  "-DMULTIPLIER=short",
];

/** 1280 pages. An isolate has 128 MB for everything, so the kernel must never take more than 80 of them. */
const MAX_MEMORY_BYTES = 80 * 1024 * 1024;

const STACK_BYTES = 128 * 1024;

const LINKER_FLAGS = [
  "-nostartfiles",
  ...WEBP_CALLS.map((name) => `-Wl,--wrap=${name}`),
  `-Wl,--no-entry,--strip-all,--max-memory=${MAX_MEMORY_BYTES},-z,stack-size=${STACK_BYTES}`,
];

/**
 * @param {Record<string, string>} packages the unpacked packages by their name in sources.json
 * @returns {Promise<Uint8Array>} the bytes of kernel.wasm
 */
export async function compileKernel(packages) {
  const { commands, runLLVM } = await import(pathToFileURL(join(packages.clang, "gen/bundle.js")).href);
  // Loads the compiler; later it would print its progress in loading itself.
  await runLLVM(null, {}, { fetchProgress: () => {} });
  const folder = packages["libjpeg-turbo"];
  const library = { ...readSources(folder), ...configHeaders(folder) };
  const kernel = readSources(join(kernelFolder, "src"));
  const webp = readWebp(packages.libwebp);
  const compile = (args, tree) => runTool(commands.clang, ["-c", "-w", ...COMPILER_FLAGS, ...args], tree);
  const objects = { ...(await compileLibrary(compile, library)), ...(await compileWebp(compile, webp)) };
  return await link(commands.clang, { library, webp, kernel }, objects);
}

async function compileLibrary(compile, library) {
  const sources = LIBRARY_SOURCES.map((name) => `library/${name}.c`);
  const files = await compile(["-Ilibrary", ...sources], { library });
  return Object.fromEntries(LIBRARY_SOURCES.map((name) => [`${name}.o`, files[`${name}.o`]]));
}

async function link(clang, tree, objects) {
  const sources = Object.keys(tree.kernel).filter((name) => name.endsWith(".c"));
  const inputs = [...sources.map((name) => `kernel/${name}`), ...Object.keys(objects)];
  // The kernel's own code has no warnings; the libraries' headers are not judged.
  const strict = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-isystem", "library", "-isystem", "webp"];
  const args = [...strict, ...WEBP_LAYOUT_FLAGS, ...COMPILER_FLAGS, ...inputs, ...LINKER_FLAGS, "-o", "kernel.wasm"];
  const files = await runTool(clang, args, { ...tree, ...objects });
  return files["kernel.wasm"];
}

async function runTool(clang, args, tree) {
  const output = [];
  const decoder = new TextDecoder();
  const collect = (bytes) => {
    if (bytes) output.push(decoder.decode(bytes));
  };
  try {
    return await clang(args, tree, { stdout: collect, stderr: collect });
  } catch (error) {
    throw new Stop(`The kernel does not compile: ${error.message}\n${output.join("")}`);
  }
}

function readSources(folder) {
  // Sorted, because the order of files decides the order of functions in the result.
  const names = readdirSync(folder)
    .filter((name) => /\.[ch]$/.test(name))
    .sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}
