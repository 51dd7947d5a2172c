// Variants as JPEG: the resizer against libvips.

import { cpuOfTurn } from "./measure.mjs";
import { median } from "./median.mjs";
import { qualityOf } from "./quality.mjs";

/**
 * @param {number} rounds in which the sides take turns
 * @returns medians of CPU in ms per photo and of the ratio within each round; bytes and quality of both sides' variants
 */
export async function measureJpeg(resizer, libvips, photo, rounds) {
  await resizer.give(photo, "jpeg");
  await libvips.give(photo);
  await resizer.run();
  const warm = { ours: await resizer.variants(), theirs: (await libvips.runJpeg()).variants };
  const turns = [];
  for (let round = 0; round < rounds; round++) {
    const sides = [
      ["ours", () => resizer.run()],
      ["theirs", () => libvips.runJpeg()],
    ];
    if (round % 2 === 1) sides.reverse();
    const turn = {};
    for (const [side, run] of sides) turn[side] = await cpuOfTurn(run);
    turns.push(turn);
  }
  const side = async (name) => ({
    cpuMs: median(turns.map((turn) => turn[name])),
    bytes: Object.values(warm[name]).reduce((sum, file) => sum + file.length, 0),
    quality: await qualityOf(photo, warm[name]),
  });
  const ratio = median(turns.map((turn) => turn.ours / turn.theirs));
  return { ratio, ours: await side("ours"), theirs: await side("theirs") };
}
