// docs/benchmarks.md out of the results.

import sharp from "sharp";
import workerd from "workerd";
import { machine, table } from "./machine.mjs";

const MB = 1_000_000;
const KINDS = { jpeg: "JPEG", progressive: "progressive JPEG", png: "PNG", webp: "WebP" };

/** @returns {string} Markdown */
export function writeReport({ rounds, gzipBytes, speed, equalEffort, jpeg, memory }) {
  const [first] = speed;
  return `# Benchmarks

Written by \`npm run bench:pixels\`; figures of one machine, so read the ratios.

- ${machine()}
- workerd ${workerd.version}, sharp ${sharp.versions.sharp} with libvips ${sharp.versions.vips}, Node ${process.versions.node}
- medians of ${rounds} rounds in which the sides take turns; photos are made by the bench, the same on every machine

The resizer runs as it would be deployed, in workerd itself and with every WebAssembly memory held to 80 MiB. A job is
everything from the queue message to the last stored variant: four WebP variants. A stand-in for the images Worker hands
the photo out and takes the variants by RPC, and its share is counted. Beside it libvips, through sharp, on one thread:
one decode at the large size and the other variants from that, as the resizer works, at quality 80. libwebp's effort
there is 4 when nobody says otherwise; the resizer encodes the two larger sizes at effort 2 and the smaller at 4.

## CPU

Milliseconds of CPU for one photo, and the resizer's share of what libvips takes: below 1 it is faster.

${speedTable(speed)}

With every size at effort 4 and quality 80, which is a bundle for the bench alone, the ${nameOf(equalEffort)} takes
${milliseconds(equalEffort.ours.cpuMs)}, ${equalEffort.effort4.ratio.toFixed(2)} of what libvips takes for the same.

## Size and quality

Of the ${first.megapixels}-megapixel ${KINDS[first.kind]}, against a full decode and one Lanczos step: PSNR in dB over RGB, SSIM of luma.

${qualityTable(first, equalEffort)}

## Variants as JPEG

The same four variants as JPEG at quality 80, 4:2:0, against libvips' own (libjpeg-turbo with the best Huffman codes).

${jpegTable(jpeg)}

## Memory

The first job of a fresh process. *Metered* is the resizer's own count: all WebAssembly memories and live buffers. The
process's growth at its peak has the runtime's compiled code and its own buffers in it.

${memoryTable(memory)}

The resizer's bundle is ${(gzipBytes / 1024).toFixed(0)} KiB with gzip.
`;
}

function speedTable(rows) {
  const head = [
    "photo",
    "file",
    "resizer",
    "per megapixel",
    "libvips, effort 4",
    "ratio",
    "libvips, effort 2",
    "ratio",
  ];
  return table(
    head,
    rows.map((row) => {
      const start = [nameOf(row), megabytes(row.photoBytes)];
      if (row.refusal !== undefined) return [...start, row.refusal];
      const { ours, effort2, effort4 } = row;
      return [
        ...start,
        milliseconds(ours.cpuMs),
        (ours.cpuMs / row.megapixels).toFixed(1),
        milliseconds(effort4.cpuMs),
        effort4.ratio.toFixed(2),
        milliseconds(effort2.cpuMs),
        effort2.ratio.toFixed(2),
      ];
    }),
  );
}

/** The last row compares like with like: what is lost to libvips by the pixels alone. */
function qualityTable({ quality, ours, effort2, effort4 }, equalEffort) {
  const sides = [
    ["resizer", ours, quality.ours],
    ["libvips, effort 4", effort4, quality.effort4],
    ["libvips, effort 2", effort2, quality.effort2],
    ["resizer, all at effort 4", equalEffort.ours, equalEffort.quality.ours],
  ];
  const names = Object.keys(quality.ours);
  const head = ["", "bytes in all", "against effort 4", ...names];
  const rows = sides.map(([label, side, measured]) => [
    label,
    side.bytes.toLocaleString("en"),
    percent(side.bytes / effort4.bytes - 1),
    ...names.map((name) => `${measured[name].psnr.toFixed(2)} dB, ${measured[name].ssim.toFixed(4)}`),
  ]);
  const { ours: own, effort4: theirs } = equalEffort.quality;
  const differences = names.map((name) => difference(own[name], theirs[name]));
  return table(head, [...rows, ["… against libvips, effort 4", "", "", ...differences]]);
}

function difference(one, other) {
  return `${signed(one.psnr - other.psnr, 2)} dB, ${signed(one.ssim - other.ssim, 4)}`;
}

/** Two lines for each photo: the resizer, then libvips. */
function jpegTable(rows) {
  const names = Object.keys(rows[0].ours.quality);
  const line = (label, row, side) => [
    label,
    milliseconds(side.cpuMs),
    side === row.ours ? row.ratio.toFixed(2) : "1",
    side.bytes.toLocaleString("en"),
    percent(side.bytes / row.theirs.bytes - 1),
    ...names.map((name) => `${side.quality[name].psnr.toFixed(2)} dB, ${side.quality[name].ssim.toFixed(4)}`),
  ];
  return table(
    ["photo", "CPU", "ratio", "bytes in all", "against libvips", ...names],
    rows.flatMap((row) => [
      line(`${nameOf(row)}, resizer`, row, row.ours),
      line(`${nameOf(row)}, libvips`, row, row.theirs),
    ]),
  );
}

function memoryTable(rows) {
  return table(
    ["photo", "file", "metered", "process"],
    rows.map((row) => {
      const start = [nameOf(row), megabytes(row.photoBytes)];
      if (row.refusal !== undefined) return [...start, row.refusal];
      const metered = row.meteredBytes === null ? "not told" : megabytes(row.meteredBytes);
      return [...start, metered, `+ ${megabytes(row.residentBytes)}`];
    }),
  );
}

const nameOf = ({ megapixels, kind }) => `${megapixels} MP ${KINDS[kind]}`;
const megabytes = (bytes) => `${(bytes / MB).toFixed(1)} MB`;
const milliseconds = (ms) => `${ms.toFixed(0)} ms`;
const signed = (number, digits) => `${number >= 0 ? "+" : "−"} ${Math.abs(number).toFixed(digits)}`;
const percent = (share) => `${signed(share * 100, 1)} %`;
