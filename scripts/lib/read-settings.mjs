// What the environment and the manifests say about the settings.

import { readFileSync } from "node:fs";
import { Stop } from "./command.mjs";
import { manifestOf, services } from "./paths.mjs";
import { settings } from "./settings.mjs";

/** Names of the `[vars]` of one manifest. */
export function varsOf(service) {
  return sectionOf(manifestOf(service), "vars").map((line) => line.split("=")[0].trim());
}

/** Names of the secrets that one manifest requires. */
export function requiredSecretsOf(service) {
  const required = sectionOf(manifestOf(service), "secrets").find((line) => line.startsWith("required"));
  return required === undefined ? [] : [...required.matchAll(/"(\w+)"/g)].map((match) => match[1]);
}

/** Names of the secrets that one Worker takes and does not require. */
export function optionalSecretsOf(service) {
  return settings.filter((setting) => setting.optionalSecret && setting.for === service).map(({ name }) => name);
}

/** The lines of one `[section]`; enough TOML for our own manifests, before any package is installed. */
function sectionOf(file, section) {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim());
  const start = lines.indexOf(`[${section}]`);
  if (start === -1) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith("["));
  return (end === -1 ? rest : rest.slice(0, end)).filter((line) => /^\w+\s*=/.test(line));
}

/**
 * What the environment says about the Workers' vars and secrets, checked.
 * @param {Record<string, string | undefined>} environment
 * @returns {Record<string, string>}
 * @throws {Stop} naming the first setting that cannot be used, never its value
 */
export function readSettings(environment) {
  for (const setting of settings) {
    const value = environment[setting.name];
    if (value === undefined || setting.type.accepts(value)) continue;
    throw new Stop(`The setting ${setting.name} cannot be used: write ${setting.type.says}.`);
  }
  const names = services.flatMap((service) => [
    ...varsOf(service),
    ...requiredSecretsOf(service),
    ...optionalSecretsOf(service),
  ]);
  const given = [...new Set(names)].filter((name) => name !== "SERVICE_NAME" && environment[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, environment[name]]));
}

/**
 * What the Workers of a local copy are given: the environment's settings, and the local defaults of the others.
 * @param {Record<string, string | undefined>} environment
 * @returns {Record<string, string>}
 * @throws {Stop} as readSettings does
 */
export function readLocalSettings(environment) {
  const defaults = settings.filter(({ local }) => local !== undefined).map(({ name, local }) => [name, local]);
  return { ...Object.fromEntries(defaults), ...readSettings(environment) };
}

/** The port of the front door. `PORT=""` counts as not set. */
export function readPort(environment) {
  return Number(environment.PORT || "8080");
}

/** The port for native gRPC clients, undefined where none is wanted. `GRPC_PORT=""` counts as not set. */
export function readGrpcPort(environment) {
  return Number(environment.GRPC_PORT || "5015") || undefined;
}
