import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
const GUIDES = "docs/guides";

/** A text that only one walk holds, by the name under which it is pasted. */
const WALKS = {
  "five minutes": "/api/auth/register",
  "a gallery": "expand=sizes",
  "a resumed upload": "Upload-Metadata",
  "a shared photo": "/shares",
  "live status": "/api/images/events",
  orders: "Idempotency-Key",
  webhooks: "webhook:listen",
  "people and devices": "users:import",
  "a signed order": "Signature-Input",
  gRPC: "@grpc/grpc-js",
  SOAP: "text/xml",
} as const;

/** The two commands at the top of the README, which start everything and test everything. */
const FIRST_COMMANDS = /^npm start .*\nnpm test .*\n$/;

/** Every walk through the product that the README and the guides ask a reader to paste. */
export function examples(): string[] {
  const guides = readdirSync(join(ROOT, GUIDES)).map((name) => join(GUIDES, name));
  const texts = ["README.md", ...guides].map((path) => readFileSync(join(ROOT, path), "utf8"));
  const blocks = texts.flatMap((text) => [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block));
  return blocks.filter((block) => !FIRST_COMMANDS.test(block));
}

/** The names of the walks that a block is. */
export function walksOf(block: string): string[] {
  return Object.entries(WALKS).flatMap(([name, text]) => (block.includes(text) ? [name] : []));
}

/** The commands of one walk. */
export function exampleOf(walk: keyof typeof WALKS): string {
  const example = examples().find((block) => block.includes(WALKS[walk]));
  if (example === undefined) throw new Error(`neither the README nor a guide has ${walk}`);
  return example;
}

export const NAMES_OF_WALKS = Object.keys(WALKS);
