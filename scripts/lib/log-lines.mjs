// Reads what wrangler and the Workers write, and says it in lines that a person can read.

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' colour codes begin with the escape character
const COLOUR = /\u001b\[[\d;]*m/g;
const WORKER_LINE = /^(?:\[[\w-]+\] )?(\{.*\})$/;
/** wrangler notes every request with its path, and a share's path is a secret. The Workers leave it out themselves. */
const SHARE_PATH = / \/s\/\S+/g;
const LEVELS = ["debug", "info", "warn", "error"];
/** Fields that every line has and nobody needs to read twice. */
const QUIET_FIELDS = new Set(["level", "time", "service", "msg", "requestId", "traceId"]);

/**
 * @param {string} line as it came from a process
 * @returns {{ entry: object } | { text: string }} a Worker's log entry, or wrangler's own words
 */
export function readLine(line) {
  const text = line.replace(COLOUR, "").trimEnd();
  const match = WORKER_LINE.exec(text);
  if (match === null) return { text: text.replace(SHARE_PATH, " /s/…") };
  try {
    const entry = JSON.parse(match[1]);
    return LEVELS.includes(entry.level) && typeof entry.service === "string" ? { entry } : { text };
  } catch {
    return { text };
  }
}

/** Whether wrangler's own words report something broken; its request lines, hints and banners do not. */
export function isTrouble(text) {
  return /^(✘ )?\[(wrangler:error|ERROR)\]/.test(text);
}

/** One line for one log entry, such as `12:01:02 GET /api/images 200 12 ms`. */
export function describeEntry(entry) {
  const time = String(entry.time ?? "").slice(11, 19);
  if (entry.msg === "request" && entry.level === "info") {
    return `${time} ${entry.method} ${entry.path} ${entry.status} ${entry.ms} ms`;
  }
  const fields = Object.entries(entry).filter(
    ([name, value]) => !QUIET_FIELDS.has(name) && value !== undefined && value !== null,
  );
  const details = fields.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [time, entry.level, `${entry.service}:`, entry.msg, ...details].join(" ");
}

/** Calls back for every whole line of a stream. */
export function eachLine(stream, onLine) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}
