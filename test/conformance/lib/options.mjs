import { parseArgs } from "node:util";

/** The call was wrong; the message says what to write instead. */
export class UsageError extends Error {}

const USAGE = "Usage: node test/conformance/run.mjs <base URL> [--only S2.41]… [--json file] [--timeout seconds]";
const DEFAULT_TIMEOUT_S = 20;

/**
 * Reads the command line.
 * @throws UsageError when it cannot be used
 */
export function readOptions(args, checks) {
  const { values, positionals } = parse(args);
  const [baseUrl, ...surplus] = positionals;
  if (baseUrl === undefined || surplus.length > 0) throw new UsageError(USAGE);
  if (!/^https?:$/.test(protocolOf(baseUrl))) throw new UsageError(`${baseUrl} is no http(s) address.\n${USAGE}`);

  const only = values.only ?? [];
  const unknown = only.find((row) => !checks.some((check) => check.row === row));
  if (unknown !== undefined) throw new UsageError(`There is no check for ${unknown}.`);

  const timeoutS = Number(values.timeout ?? DEFAULT_TIMEOUT_S);
  if (!(timeoutS > 0)) throw new UsageError("--timeout takes a number of seconds.");

  return { baseUrl, only, jsonFile: values.json ?? null, timeoutMs: timeoutS * 1_000 };
}

function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        only: { type: "string", multiple: true },
        json: { type: "string" },
        timeout: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(`${error.message}\n${USAGE}`);
  }
}

function protocolOf(text) {
  return URL.canParse(text) ? new URL(text).protocol : "";
}
