import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** What is imported beside types; a codec's glue belongs to the WebAssembly beside it and is left alone. */
const IMPORTED = /^(?:import|export|\})(?! type ).* from "((?!cloudflare:|node:|@jsquash\/|@phi-ag\/)[a-z@][^"]*)";$/gm;

/**
 * The packages that a Worker's source names, as it names them. Bundled beforehand, each is one file instead of
 * hundreds, all of which every file of tests would load by itself. All of them are, so that none is there twice.
 */
export function packagesOf(worker: string): string[] {
  const sources = [`workers/${worker}/src`, "shared"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.[jt]s$/.test(name))
      .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
  );
  const names = sources.flatMap((source) => [...source.matchAll(IMPORTED)].map(([, name = ""]) => name));
  return [...new Set(names)].sort();
}
