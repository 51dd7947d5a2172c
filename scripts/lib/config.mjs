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

/**
 * @param {string} service
 * @param {string} folder where all the copies lie
 * @param {Record<string, string>} overrides vars and secrets by name; each Worker takes those that it declares
 * @returns {string} the copy's path
 */
export function writeConfig(service, folder, overrides) {
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

function copyOf(manifest, { from, to, overrides, secretNames }) {
  let section = "";
  const lines = [];
  for (const line of manifest.split("\n")) {
    if (/^\[/.test(line)) section = line.trim();
    if (!sectionsLeftOut.test(section)) lines.push(copiedLine(line));
  }
  return lines.join("\n");

  function copiedLine(line) {
    if (section === "[secrets]" && line.startsWith("required")) return `required = ${JSON.stringify(secretNames)}`;
    const match = /^(\w+)\s*=\s*"(.*)"$/.exec(line);
    if (match === null) return line;
    const [, key, value] = match;
    if (section === "[vars]" && overrides[key] !== undefined) return `${key} = ${JSON.stringify(overrides[key])}`;
    if (section !== "[vars]" && pathKeys.test(key))
      return `${key} = ${JSON.stringify(relative(to, resolve(from, value)))}`;
    return line;
  }
}
