// Installs what package-lock.json names, only when that differs from what lies in node_modules.

import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Stop } from "./command.mjs";
import { pinnedNode, root } from "./paths.mjs";

/** @throws {Stop} when npm is missing or could not install */
export function installPackages() {
  if (isInstalled()) return;
  refuseBorrowedPackages();
  console.log("Installing packages (once, about 20 seconds) …");
  // The log level hides npm's engine warnings of packages that only ever run under the pinned Node.
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (npm.error !== undefined)
    throw new Stop("npm was not found: install Node with npm (https://nodejs.org) and try again.");
  if (npm.status !== 0) throw new Stop("npm ci did not finish: read its message above, then try again.");
  if (!existsSync(pinnedNode)) {
    throw new Stop(
      "npm ci did not run the install scripts: set ignore-scripts to false, delete node_modules and try again.",
    );
  }
}

/** npm ci begins by emptying node_modules: behind a link that would be another project's. */
function refuseBorrowedPackages() {
  const folder = join(root, "node_modules");
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new Stop("node_modules is a link, and what it points to does not fit package-lock.json: remove the link.");
}

/** Compares the lockfile with npm's own record of what it installed; both name version and digest of every package. */
export function isInstalled() {
  const record = join(root, "node_modules/.package-lock.json");
  if (!existsSync(record) || !existsSync(pinnedNode)) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(record);
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    // Packages for other systems are optional and stay away.
    if (found === undefined && entry.optional) continue;
    if (found === undefined || found.version !== entry.version || found.integrity !== entry.integrity) return false;
  }
  return Object.keys(installed).every((path) => wanted[path] !== undefined);
}

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, "utf8")).packages ?? {};
}
