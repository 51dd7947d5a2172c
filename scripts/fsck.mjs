// npm run fsck [-- --older-than 1h] [--url <address>] [--json]: checks that rows, objects and jobs fit together, and
// repairs what does not. Exit code 0 when all was well, 1 when something was found.

import { parseArgs } from "node:util";
import { FINDINGS } from "../shared/contracts/consistency.ts";
import { asAdmin } from "./lib/admin-api.mjs";
import { runCommand, Stop } from "./lib/command.mjs";

const PATH = "/api/admin/fsck";
/** A step takes some tens of milliseconds; a bucket of a million objects has two thousand. */
const ASK_EVERY_MS = 200;

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      "older-than": { type: "string", default: "1h" },
      url: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const report = await asAdmin(values, (ask) => check(ask, values["older-than"]));
  console.log(values.json ? JSON.stringify(report, null, 2) : readable(report, values["older-than"]));
  return isClean(report) ? 0 : 1;
});

async function check(ask, olderThan) {
  const { running } = await ask("POST", PATH, { olderThan });
  for (;;) {
    const now = await ask("GET", PATH);
    if (now.last?.id === running.id) return now.last;
    if (now.running?.id !== running.id) throw new Stop("The check has ended without a report: start it again.");
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

function isClean({ repaired, left }) {
  return Object.keys(repaired).length === 0 && left === 0;
}

function readable(report, olderThan) {
  const { checked, repaired, left, findings } = report;
  const lines = [`${checked.images} photos and ${checked.objects} objects were checked.`];
  for (const [kind, count] of Object.entries(repaired)) {
    lines.push(`${count} × ${kind}: ${FINDINGS[kind]}.`);
    for (const finding of findings) if (finding.kind === kind) lines.push(`  ${finding.subject}`);
  }
  if (left > 0) lines.push(`${left} objects without a row are younger than ${olderThan} and were left.`);
  if (isClean(report)) lines.push("Everything fits together.");
  return lines.join("\n");
}
