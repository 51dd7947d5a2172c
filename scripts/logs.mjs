// npm run logs -- <service> [--tail 100] [--follow] [--json]: what a service has written.

import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync, watchFile } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, Stop } from "./lib/command.mjs";
import { describeEntry, readLine } from "./lib/log-lines.mjs";
import { layoutOf } from "./lib/paths.mjs";

const DEFAULT_TAIL = "100";
/** How often a followed file is looked at. */
const FOLLOW_MS = 500;

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    options: {
      tail: { type: "string", default: DEFAULT_TAIL },
      follow: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  if (!/^\d+$/.test(values.tail)) throw new Stop("Write how many lines as a number: --tail 100");
  const { logs } = layoutOf();
  const file = join(logs, `${positionals[0]}.log`);
  if (!existsSync(file)) throw new Stop(`There is no log of ${positionals[0] ?? "nothing"}: ${whatThereIs(logs)}`);

  const print = (line) => console.log(values.json ? line : readable(line));
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  for (const line of lines.slice(Math.max(0, lines.length - Number(values.tail)))) print(line);
  if (values.follow) follow(file, print);
  return 0;
});

function whatThereIs(logs) {
  const names = existsSync(logs) ? readdirSync(logs).map((name) => name.replace(/\.log$/, "")) : [];
  return names.length === 0 ? "nothing has run yet, npm start begins." : `choose one of ${names.join(", ")}.`;
}

function readable(line) {
  const { entry, text } = readLine(line);
  return entry === undefined ? text : describeEntry(entry);
}

/** Prints what is appended. The file starts anew when it was rotated, which its length shows. */
function follow(file, print) {
  let position = statSync(file).size;
  let rest = "";
  watchFile(file, { interval: FOLLOW_MS }, ({ size }) => {
    if (size < position) position = 0;
    const lines = (rest + readFrom(file, position, size)).split("\n");
    position = size;
    rest = lines.pop();
    for (const line of lines) print(line);
  });
}

function readFrom(file, start, end) {
  const buffer = Buffer.alloc(end - start);
  const handle = openSync(file, "r");
  readSync(handle, buffer, 0, buffer.length, start);
  closeSync(handle);
  return buffer.toString("utf8");
}
