// Reads a password from stdin and writes its argon2id hash, with the costs that the auth Worker uses.

import { text } from "node:stream/consumers";
import { Argon2Type, Argon2Version } from "@phi-ag/argon2";
import initialize from "@phi-ag/argon2/node";

const COST = {
  type: Argon2Type.Argon2id,
  version: Argon2Version.Version13,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  hashLength: 32,
};

const argon2 = await initialize();
const password = await text(process.stdin);
console.log(argon2.hash(password, COST).encoded);
