// Local secrets: made once per Worker from its .dev.vars.example, never overwritten, readable by their owner only.

import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { Stop } from "./command.mjs";
import { root, secretsExampleOf, secretsFileOf, services } from "./paths.mjs";
import { requiredSecretsOf } from "./read-settings.mjs";
import { isStrongSecret } from "./setting-types.mjs";

const SECRET_BYTES = 48;

/** Writes the secrets that are missing, then checks all of them. */
export function makeSecrets() {
  for (const service of services) {
    if (existsSync(secretsExampleOf(service))) addMissingSecrets(service);
    checkSecrets(service);
  }
}

function addMissingSecrets(service) {
  const file = secretsFileOf(service);
  const present = readSecrets(service);
  const missing = namesIn(readFileSync(secretsExampleOf(service), "utf8")).filter((name) => !(name in present));
  if (missing.length === 0) return;
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const separator = before === "" || before.endsWith("\n") ? "" : "\n";
  const lines = missing.map((name) => `${name}=${randomBytes(SECRET_BYTES).toString("base64url")}\n`);
  appendFileSync(file, separator + lines.join(""), { mode: 0o600 });
  chmodSync(file, 0o600);
}

/** @throws {Stop} when a secret is missing, short, or one of the well-known examples */
export function checkSecrets(service) {
  const present = readSecrets(service);
  for (const name of requiredSecretsOf(service)) {
    if (isStrongSecret(present[name] ?? "")) continue;
    const file = relative(root, secretsFileOf(service));
    throw new Stop(
      `${name} in ${file} is missing, shorter than 32 characters or an example value: delete its line and start again, and a random one is written.`,
    );
  }
}

/** The secrets of one Worker's .dev.vars by name; none when there is no file. */
export function readSecrets(service) {
  const file = secretsFileOf(service);
  if (!existsSync(file)) return {};
  const secrets = {};
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const match = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line);
    if (match !== null) secrets[match[1]] = match[2].replace(/^(["'])(.*)\1$/, "$2");
  }
  return secrets;
}

function namesIn(text) {
  return [...text.matchAll(/^(\w+)\s*=/gm)].map((match) => match[1]);
}
