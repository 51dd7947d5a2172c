// Copies of the Workers' manifests with a running copy's settings in them.
// wrangler's own --var reaches only the first of several Workers, so the values are written into the copies instead.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { manifestOf } from "./paths.mjs";
import { optionalSecretsOf, requiredSecretsOf } from "./read-settings.mjs";
import { readSecrets } from "./secrets.mjs";

/** Keys whose value is a path relative to the manifest. */
const pathKeys = /^(main|migrations_dir|directory|pages_build_output_dir|tsconfig)$/;
/** These speak to a bare `wrangler dev` in the root; here the commands say it themselves. */
const sectionsLeftOut = /^\[(build|dev)\]$/;
/** With a bundle it is the bundle's own rules that say what the modules beside the script are. */
const rulesSection = "[[rules]]";
const bundleRules = [
  "no_bundle = true",
  "find_additional_modules = true",
  "rules = [",
  '  { type = "ESModule", globs = ["**/*.js"], fallthrough = false },',
  '  { type = "CompiledWasm", globs = ["**/*.wasm"], fallthrough = false },',
  '  { type = "Data", globs = ["**/*.bin"], fallthrough = false },',
  '  { type = "Text", globs = ["**/*.proto"], fallthrough = false },',
  "]",
];

/**
 * @param {string} service
 * @param {string} folder where all the copies lie
 * @param {Record<string, string>} overrides vars and secrets by name; each Worker takes those that it declares
 * @param {string} [bundles] folder of ready bundles, which wrangler is to take as they are; it bundles the sources without it
 * @returns {string} the copy's path
 */
export function writeConfig(service, folder, overrides, bundles) {
  const source = manifestOf(service);
  const target = join(folder, service, "wrangler.toml");
  const secrets = { ...readSecrets(service), ...optionalSecrets(service, overrides) };
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(
    target,
    copyOf(readFileSync(source, "utf8"), {
      from: dirname(source),
      to: dirname(target),
      overrides,
      secretNames: namesOf(service, secrets),
      bundle: bundles && join(bundles, service, "main.js"),
    }),
  );

  const lines = Object.keys(secrets).map((name) => `${name}=${overrides[name] ?? secrets[name]}\n`);
  writeFileSync(join(dirname(target), ".dev.vars"), lines.join(""), { mode: 0o600 });
  return target;
}

/** wrangler hands a Worker only those of its secrets that its manifest requires. */
function namesOf(service, secrets) {
  return [...requiredSecretsOf(service), ...optionalSecretsOf(service).filter((name) => name in secrets)];
}

function optionalSecrets(service, overrides) {
  const given = optionalSecretsOf(service).filter((name) => overrides[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, overrides[name]]));
}

function copyOf(manifest, { from, to, overrides, secretNames, bundle }) {
  let section = "";
  const lines = [];
  for (const line of manifest.split("\n")) {
    if (/^\[/.test(line)) section = line.trim();
    if (isCopied(section)) lines.push(copiedLine(line));
  }
  return lines.join("\n");

  function isCopied(section) {
    return !sectionsLeftOut.test(section) && (bundle === undefined || section !== rulesSection);
  }

  function copiedLine(line) {
    if (section === "[secrets]" && line.startsWith("required")) return `required = ${JSON.stringify(secretNames)}`;
    const match = /^(\w+)\s*=\s*"(.*)"$/.exec(line);
    if (match === null) return line;
    const [, key, value] = match;
    if (bundle !== undefined && section === "" && key === "main")
      return [`main = ${JSON.stringify(relative(to, bundle))}`, ...bundleRules].join("\n");
    if (section === "[vars]" && overrides[key] !== undefined) return `${key} = ${JSON.stringify(overrides[key])}`;
    if (section !== "[vars]" && pathKeys.test(key))
      return `${key} = ${JSON.stringify(relative(to, resolve(from, value)))}`;
    return line;
  }
}
