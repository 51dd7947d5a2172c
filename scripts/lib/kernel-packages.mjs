// The npm packages that the kernel is made from: fetched by npm, compared with their pinned integrity, unpacked into
// the cache. No script of theirs ever runs.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Stop } from "./command.mjs";
import { kernelCache, kernelFolder } from "./kernel-files.mjs";

/**
 * Makes sure that every package of sources.json is unpacked.
 * @returns {Record<string, string>} the folder of each by its name there
 */
export function unpackSources() {
  mkdirSync(kernelCache, { recursive: true });
  const sources = JSON.parse(readFileSync(join(kernelFolder, "sources.json"), "utf8"));
  const folders = Object.entries(sources).map(([name, source]) => [name, join(unpack(source), source.folder)]);
  return Object.fromEntries(folders);
}

function unpack(source) {
  // A changed pin gets a folder of its own, so that what is there is always what was checked.
  const digest = createHash("sha256").update(source.integrity).digest("hex").slice(0, 16);
  const folder = join(kernelCache, `${source.package.replace(/[@/]/g, "_")}-${source.version}-${digest}`);
  if (!existsSync(folder)) fetchInto(folder, source);
  return join(folder, "package");
}

function fetchInto(folder, { package: name, version, integrity, archive }) {
  const unfinished = `${folder}.${process.pid}.part`;
  mkdirSync(unfinished, { recursive: true });
  try {
    console.log(`fetching ${name}@${version}`);
    const args = ["pack", `${name}@${version}`, "--ignore-scripts", "--json", "--pack-destination", unfinished];
    const [{ filename }] = JSON.parse(run("npm", args, unfinished));
    assertIntegrity(join(unfinished, filename), integrity, name);
    run("tar", ["-xzf", filename], unfinished);
    // Some packages carry the sources as they were released, in an archive of their own.
    if (archive !== undefined) run("tar", ["-xzf", archive], join(unfinished, "package"));
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function assertIntegrity(tarball, integrity, name) {
  const found = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  if (found === integrity) return;
  throw new Stop(`${name} is not the package that sources.json pins (${found}): do not build from it.`);
}

function run(command, args, cwd) {
  const shell = process.platform === "win32";
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", shell });
  if (status === 0) return stdout;
  throw new Stop(`${command} ${args.join(" ")} failed: ${stderr?.trim() || "is it installed?"}`);
}
