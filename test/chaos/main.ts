// npm run chaos: kills everything again and again while people use it, then holds what is there against what they were
// told. Ends with 1 where anything is lost, doubled or half done. `--kills <n>` and `--acknowledged <n>` for another length,
// `--seed <n>` for other times, `--keep` leaves the folder.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, Stop } from "../../scripts/lib/command.mjs";
import type { Client } from "../system/support/client.ts";
import { Chaos } from "./chaos.ts";
import { askCutUploads } from "./cut-uploads.ts";
import { cutUploads, openWork, untilNone } from "./open-work.ts";
import { judge, strayObjects } from "./verdict.ts";

const DEFAULTS = { kills: "30", acknowledged: "2000", seed: "1" };
const COMPLAINTS_SHOWN = 50;
const LIFE_MAX_MS = 4_000;
/** The promise: everything that was begun is done within this time of the last start, without any request. */
const QUIET_WITHIN_MS = 60_000;
/** Where it takes longer, that is said, and all else is still judged by what becomes of it in the end. */
const WAITED_MS = 10 * QUIET_WITHIN_MS;
/** Cut uploads are given up five minutes after they began, by an alarm that comes every few seconds. */
const FORGOTTEN_WITHIN_MS = 6 * 60_000;

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: DEFAULTS.kills },
      acknowledged: { type: "string", default: DEFAULTS.acknowledged },
      seed: { type: "string", default: DEFAULTS.seed },
      keep: { type: "boolean", default: false },
    },
  });
  const kills = wholeNumber(values.kills);
  const acknowledged = wholeNumber(values.acknowledged);
  const folder = mkdtempSync(join(tmpdir(), "halftone-chaos-"));
  const chaos = new Chaos({ folder, seed: wholeNumber(values.seed), lifeMaxMs: LIFE_MAX_MS });
  try {
    for (let kill = 1; kill <= kills; kill++) {
      await chaos.start();
      const behind = Math.floor((acknowledged * (kill - 1)) / kills);
      await chaos.live({ behind, atLeast: kill === kills ? acknowledged : 0 });
      console.log(`kill ${kill} of ${kills}: ${chaos.journal.acknowledged} acknowledged so far`);
    }
    return await report(chaos, await chaos.start({ admin: true }));
  } finally {
    await chaos.close();
    if (values.keep) console.log(`Everything is in ${folder}.`);
    else rmSync(folder, { recursive: true, force: true });
  }
});

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Stop("--kills, --acknowledged and --seed take whole numbers from 1.");
  return Number(text);
}

/** Has rows, objects and jobs compared, however young they are. It says itself what it finds. */
function fsck(folder: string): Promise<void> {
  const script = join(import.meta.dirname, "../../scripts/fsck.mjs");
  const env = { ...process.env, HALFTONE_STATE: folder };
  const child = spawn(process.execPath, [script, "--older-than", "0s"], { env, stdio: "inherit" });
  return new Promise((resolve, reject) => child.on("error", reject).on("close", () => resolve()));
}

/** @returns the exit code */
async function report({ folder, disk, journal, receiver, startedAt }: Chaos, people: Client[]): Promise<number> {
  const quiet = await untilNone(() => openWork(disk), WAITED_MS, startedAt);
  const { lost, doubled, half, ...figures } = judge(disk, journal.read(), receiver.took);
  console.log(`sent ${figures.sent}, acknowledged ${figures.acknowledged}, done but unheard ${figures.doneUnheard}`);
  console.log(`lost ${lost.length}, doubled ${doubled.length}, half done ${half.length}`);
  console.log(`webhooks taken ${receiver.took.length}, of them repeated under their id ${figures.repeatedWebhooks}`);
  console.log(`quiet after ${(quiet.ms / 1_000).toFixed(1)} s, left to do: ${JSON.stringify(quiet.left)}`);
  const cut = cutUploads(disk).uploads;
  // What is given up goes to the trash first, and from there out of the bucket.
  const { ms } = await untilNone(() => ({ ...cutUploads(disk), ...openWork(disk) }), FORGOTTEN_WITHIN_MS);
  console.log(`uploads that were cut off ${cut}, given up after ${(ms / 1_000).toFixed(0)} s`);
  console.log(`objects without a row ${strayObjects(disk).length}; then npm run fsck:`);
  await fsck(folder);
  const stray = strayObjects(disk);
  const complaints = [...lost, ...doubled, ...half, ...(await askCutUploads(people, journal.read())), ...stray];
  for (const complaint of complaints.slice(0, COMPLAINTS_SHOWN)) console.error(complaint);
  const isQuiet = quiet.ms <= QUIET_WITHIN_MS && cutUploads(disk).uploads === 0;
  return complaints.length === 0 && isQuiet ? 0 : 1;
}
