// npm run build:blocklist: makes auth's passwords/common-passwords.bin from the ranked passwords of a pinned package.
// With --check it compares and changes nothing.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { dictionary } from "@zxcvbn-ts/language-common";
import { runCommand, Stop } from "./lib/command.mjs";
import { root } from "./lib/paths.mjs";

/** OWASP ASVS 5.0 6.2.4 asks for the commonest 3,000 of those that are long enough at all. */
const PASSWORDS = 5_000;
/** The shortest password that anybody may choose. */
const LENGTH_MIN = 8;
/** Of each SHA-256: with 5,000 of them one harmless password in 220 million is taken for a common one. */
const DIGEST_BYTES = 5;

const target = join(root, "workers/auth/src/passwords/common-passwords.bin");

await runCommand(async () => {
  const made = blocklist();
  if (process.argv.includes("--check")) {
    const isSame = existsSync(target) && readFileSync(target).equals(made);
    if (!isSame) throw new Stop("common-passwords.bin is not what its package makes: run npm run build:blocklist.");
    console.log("common-passwords.bin is what its package makes.");
    return 0;
  }
  writeFileSync(target, made);
  console.log(`${relative(root, target)}: ${PASSWORDS} passwords, ${made.length} bytes`);
  return 0;
});

/** The sorted beginnings of the digests, one after the other: no password stands in the file. */
function blocklist() {
  const ranked = [...dictionary["passwords-common"]].filter((password) => password.length >= LENGTH_MIN);
  const digests = ranked.slice(0, PASSWORDS).map(digestOf);
  return Buffer.concat(digests.sort(Buffer.compare));
}

function digestOf(password) {
  return createHash("sha256").update(password.toLowerCase()).digest().subarray(0, DIGEST_BYTES);
}
