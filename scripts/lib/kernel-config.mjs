// libjpeg-turbo's two configuration headers for WebAssembly, from the library's own templates.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stop } from "./command.mjs";

/** What the library's build would find out about the machine. What is missing here is switched off. */
const VALUES = {
  JPEG_LIB_VERSION: "62",
  BITS_IN_JSAMPLE: "8",
  INLINE: "inline __attribute__((always_inline))",
  THREAD_LOCAL: "",
  CMAKE_PROJECT_NAME: "libjpeg-turbo",
  BUILD: "0",
  SIZE_T: "4",
};

/** 1 where the library's build would define it. */
const SWITCHES = new Set(["HAVE_BUILTIN_CTZL"]);

/** @param {string} folder the library's sources */
export function configHeaders(folder) {
  const version = versionOf(folder);
  const values = { ...VALUES, VERSION: version, LIBJPEG_TURBO_VERSION_NUMBER: versionNumberOf(version) };
  return Object.fromEntries(
    ["jconfig.h", "jconfigint.h"].map((name) => [name, fill(readFileSync(join(folder, `${name}.in`), "utf8"), values)]),
  );
}

function fill(template, values) {
  return template
    .replace(/^#cmakedefine (\w+).*$/gm, (_, name) => (SWITCHES.has(name) ? `#define ${name} 1` : ""))
    .replace(/@(\w+)@/g, (_, name) => values[name]);
}

function versionOf(folder) {
  const found = /^set\(VERSION ([\d.]+)\)$/m.exec(readFileSync(join(folder, "CMakeLists.txt"), "utf8"));
  if (found === null) throw new Stop("libjpeg-turbo's CMakeLists.txt names no version.");
  return found[1];
}

/** 2.1.3 is 2001003. */
function versionNumberOf(version) {
  const [major, minor, revision] = version.split(".");
  return major + minor.padStart(3, "0") + revision.padStart(3, "0");
}
