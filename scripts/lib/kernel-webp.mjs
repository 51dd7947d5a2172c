// libwebp's decoder for the kernel: which of its files, and which of its calls the kernel takes over.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What encodes, scales, reads containers or writes other colour orders is left out. */
const SOURCES = {
  dec: "alpha_dec frame_dec quant_dec tree_dec vp8_dec vp8l_dec webp_dec".split(" "),
  dsp: "alpha_processing cpu dec dec_clip_tables filters lossless".split(" "),
  utils: [
    ..."bit_reader_utils color_cache_utils huffman_utils quant_levels_dec_utils random_utils".split(" "),
    ..."rescaler_utils thread_utils utils".split(" "),
  ],
};

/** Headers stand in these folders, too, and name one another from the archive's root. */
const FOLDERS = [...Object.keys(SOURCES), "enc", "webp"];

/**
 * Bits are read in words of 64 and modes from a tree in code, as later versions choose for WebAssembly. The first is
 * said by the name of a processor, and the kernel's own files that share a structure with libwebp must be told the same.
 */
export const WEBP_LAYOUT_FLAGS = ["-D_M_X64"];

/**
 * Small code: it costs 2 % of the speed for lossy pictures and 5 % for lossless ones, and spares a tenth of the kernel.
 * No scaling and no further colour orders; they would be linked, though nothing asks for them.
 */
const FLAGS = [
  "-Os",
  ...WEBP_LAYOUT_FLAGS,
  "-DUSE_GENERIC_TREE=0",
  "-DWEBP_REDUCE_SIZE",
  "-DWEBP_REDUCE_CSP",
  "-Iwebp",
];

/** Calls within libwebp that the linker leads to the kernel's own functions: see lossless.c and huffman.c. */
export const WEBP_CALLS = ["VP8LBuildHuffmanTable", "VP8LConvertFromBGRA"];

/**
 * @param {string} root the unpacked archive
 * @returns the library's tree, as the compiler is to see it
 */
export function readWebp(root) {
  const folders = FOLDERS.map((name) => [name, readFolder(join(root, "src", name))]);
  return { src: Object.fromEntries(folders) };
}

function readFolder(folder) {
  const names = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/**
 * @param {(args: string[], tree: object) => Promise<Record<string, Uint8Array>>} compile
 * @returns {Promise<Record<string, Uint8Array>>} object files by name, always in the same order
 */
export async function compileWebp(compile, webp) {
  const names = Object.values(SOURCES).flat();
  const sources = Object.entries(SOURCES).flatMap(([folder, files]) =>
    files.map((name) => `webp/src/${folder}/${name}.c`),
  );
  const files = await compile([...FLAGS, ...sources], { webp });
  return Object.fromEntries(names.map((name) => [`${name}.o`, files[`${name}.o`]]));
}
