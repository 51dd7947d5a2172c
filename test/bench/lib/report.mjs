// docs/benchmarks.md out of the results.

import sharp from "sharp";
import workerd from "workerd";
import { machine, table } from "./machine.mjs";

const MB = 1_000_000;
const KINDS = { jpeg: "JPEG", progressive: "progressive JPEG", png: "PNG", webp: "WebP" };

/** @returns {string} Markdown */
export function writeReport({ rounds, gzipBytes, speed, memory }) {
  const [first] = speed;
  return `# Benchmarks

Written by \`npm run bench:pixels\`; figures of one machine, so read the ratios.

- ${machine()}
- workerd ${workerd.version}, sharp ${sharp.versions.sharp} with libvips ${sharp.versions.vips}, Node ${process.versions.node}
- medians of ${rounds} rounds in which the sides take turns; photos are made by the bench, the same on every machine

The resizer runs as it would be deployed, in workerd itself and with every WebAssembly memory held to 80 MiB. A job is
everything from the queue message to the last stored variant: four WebP variants at quality 80. A stand-in for the
images Worker hands the photo out and takes the variants by RPC, and its share is counted. Beside it libvips, through
sharp, on one thread: one decode at the large size and the other variants from that, as the resizer works. libwebp's
effort is 2 in the resizer; sharp's own choice is 4.

## CPU

Milliseconds of CPU for one photo, and the resizer's share of what libvips takes: below 1 it is faster.

${speedTable(speed)}

## Size and quality

Of the ${first.megapixels}-megapixel ${KINDS[first.kind]}, against a full decode and one Lanczos step: PSNR in dB over RGB, SSIM of luma.

${first.refusal === undefined ? qualityTable(first) : first.refusal}

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

function qualityTable({ quality, ours, effort2, effort4 }) {
  const sides = [
    ["resizer", ours, quality.ours],
    ["libvips, effort 4", effort4, quality.effort4],
    ["libvips, effort 2", effort2, quality.effort2],
  ];
  const names = Object.keys(quality.ours);
  const head = ["", "bytes in all", "against effort 4", ...names];
  return table(
    head,
    sides.map(([label, side, measured]) => [
      label,
      side.bytes.toLocaleString("en"),
      percent(side.bytes / effort4.bytes - 1),
      ...names.map((name) => `${measured[name].psnr.toFixed(2)} dB, ${measured[name].ssim.toFixed(4)}`),
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
const percent = (share) => `${share >= 0 ? "+" : "−"} ${Math.abs(share * 100).toFixed(1)} %`;
