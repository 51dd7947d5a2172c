// npm run bench:pixels: the resizer against libvips, and what it takes of its isolate. Prints docs/benchmarks.md and
// writes it. Linux only: CPU time and memory are read from /proc. `--rounds <n>` for more or fewer than five rounds.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, Stop } from "../../scripts/lib/command.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { measureJpeg } from "./lib/jpeg.mjs";
import { startLibvips } from "./lib/libvips.mjs";
import { measureMemory, measureSpeed } from "./lib/measure.mjs";
import { photoShelf } from "./lib/photos.mjs";
import { qualityOf } from "./lib/quality.mjs";
import { writeReport } from "./lib/report.mjs";
import { buildResizer, buildResizerAtEffort4, startResizer } from "./lib/resizer.mjs";

const DEFAULT_ROUNDS = "5";
/** Megapixels and kind of the photos whose CPU is compared. The first one's quality is compared too. */
const SPEED = [
  [12, "jpeg"],
  [12, "png"],
  [12, "webp"],
  [24, "webp"],
  [3, "jpeg"],
  [24, "jpeg"],
  [48, "jpeg"],
];
/** What is compared at equal effort, too: how long the encoders take for the same work, and how true the pixels are. */
const EQUAL_EFFORT = SPEED.slice(0, 1);
/** Photos whose variants are made as JPEG too. */
const JPEG = [
  [12, "jpeg"],
  [48, "jpeg"],
];
/** Photos whose memory is metered. */
const MEMORY = [
  [12, "jpeg"],
  [24, "jpeg"],
  [48, "jpeg"],
  [100, "jpeg"],
  [200, "jpeg"],
  [16, "progressive"],
  [12, "png"],
  [12, "webp"],
  [24, "webp"],
];

await runCommand(async () => {
  if (process.platform !== "linux") throw new Stop("This bench reads /proc and runs on Linux only.");
  const { values } = parseArgs({ options: { rounds: { type: "string", default: DEFAULT_ROUNDS } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Stop("--rounds takes a whole number from 1.");

  const folder = join(root, ".cache/bench");
  const shelf = photoShelf(join(folder, "photos"));
  const bundle = await buildResizer(join(folder, "resizer"));
  const bundleAtEffort4 = await buildResizerAtEffort4(join(folder, "resizer-effort-4"));
  const [equalEffort] = await compareSpeed(bundleAtEffort4, shelf, EQUAL_EFFORT, rounds);
  const results = {
    rounds,
    gzipBytes: bundle.gzipBytes,
    speed: await compareSpeed(bundle, shelf, SPEED, rounds),
    equalEffort,
    jpeg: await compareJpeg(bundle, shelf, rounds),
    memory: await meterMemory(bundle, shelf),
  };
  const report = writeReport(results);
  console.log(report);
  writeFileSync(join(root, "docs/benchmarks.md"), report);
  return 0;
});

async function compareSpeed(bundle, shelf, photos, rounds) {
  const resizer = await startResizer(bundle);
  const libvips = startLibvips();
  try {
    const rows = [];
    for (const [megapixels, kind] of photos) {
      const photo = await shelf(megapixels, kind);
      const row = {
        megapixels,
        kind,
        photoBytes: photo.length,
        ...(await measureSpeed(resizer, libvips, photo, rounds)),
      };
      if (rows.length === 0) row.quality = await compareQuality(photo, row);
      rows.push(row);
    }
    return rows;
  } finally {
    libvips.stop();
    await resizer.stop();
  }
}

async function compareJpeg(bundle, shelf, rounds) {
  const resizer = await startResizer(bundle);
  const libvips = startLibvips();
  try {
    const rows = [];
    for (const [megapixels, kind] of JPEG) {
      const photo = await shelf(megapixels, kind);
      rows.push({ megapixels, kind, ...(await measureJpeg(resizer, libvips, photo, rounds)) });
    }
    return rows;
  } finally {
    libvips.stop();
    await resizer.stop();
  }
}

async function compareQuality(photo, { ours, effort2, effort4 }) {
  return {
    ours: await qualityOf(photo, ours.variants),
    effort2: await qualityOf(photo, effort2.variants),
    effort4: await qualityOf(photo, effort4.variants),
  };
}

/** Each photo in a process of its own: memory that an earlier one left behind would be counted otherwise. */
async function meterMemory(bundle, shelf) {
  const rows = [];
  for (const [megapixels, kind] of MEMORY) {
    const photo = await shelf(megapixels, kind);
    const resizer = await startResizer(bundle);
    try {
      rows.push({ megapixels, kind, photoBytes: photo.length, ...(await measureMemory(resizer, photo)) });
    } finally {
      await resizer.stop();
    }
  }
  return rows;
}
