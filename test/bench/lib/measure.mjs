// One photo, measured.

import { median } from "./median.mjs";

/** The clock of /proc ticks every 10 ms, so short jobs are taken together. */
const JOBS_PER_TURN = 2;

/**
 * CPU for one photo's variants in alternating rounds: both sides meet the same state of the machine.
 * @param {number} rounds
 * @returns medians of CPU in ms per photo, and of the ratio within each round; `refusal` where the resizer did not take it
 */
export async function measureSpeed(resizer, libvips, photo, rounds) {
  await resizer.give(photo);
  await libvips.give(photo);
  const refusal = await refusalOf(() => resizer.run());
  if (refusal !== null) return { refusal };

  const warm = { variants: await resizer.variants() };
  const [effort2, effort4] = [await libvips.run(2), await libvips.run(4)];
  const turns = [];
  for (let round = 0; round < rounds; round++) {
    const sides = [
      ["ours", () => resizer.run()],
      ["effort2", () => libvips.run(2)],
      ["effort4", () => libvips.run(4)],
    ];
    if (round % 2 === 1) sides.reverse();
    const turn = {};
    for (const [side, run] of sides) turn[side] = await cpuOfTurn(run);
    turns.push(turn);
  }
  const side = (name, { variants }) => ({
    cpuMs: median(turns.map((turn) => turn[name])),
    ratio: median(turns.map((turn) => turn.ours / turn[name])),
    variants,
    bytes: Object.values(variants).reduce((sum, file) => sum + file.length, 0),
  });
  return { ours: side("ours", warm), effort2: side("effort2", effort2), effort4: side("effort4", effort4) };
}

/** Mean CPU of a few runs, in ms. */
export async function cpuOfTurn(run) {
  let total = 0;
  for (let job = 0; job < JOBS_PER_TURN; job++) total += (await run()).cpuMs;
  return total / JOBS_PER_TURN;
}

/**
 * Memory of the first job of a fresh process.
 * @returns `meteredBytes` as the resizer counts them (every WebAssembly memory and live buffer), null where it does not
 *   say; `residentBytes` that the process grew by at its peak, which has the runtime's compiled code in it
 */
export async function measureMemory(resizer, photo) {
  await resizer.give(photo);
  const idle = resizer.meter.residentBytes();
  resizer.meter.resetPeak();
  let report = {};
  const refusal = await refusalOf(async () => {
    ({ report } = await resizer.run());
  });
  if (refusal !== null) return { refusal };
  return { meteredBytes: report.memory ?? null, residentBytes: resizer.meter.peakBytes() - idle };
}

async function refusalOf(run) {
  try {
    await run();
    return null;
  } catch (error) {
    return error.message.split("\n")[0];
  }
}
