import { readChunks } from "../storage/byte-streams.ts";
import type { Objects } from "../storage/objects.ts";
import { whatLeaves } from "./leaving.ts";
import { scanOf } from "./scanner.ts";

/** An isolate remembers at most so many; the oldest gives way, and costs another look the next time. */
const HELD_MAX = 1_000;

/** Cuts of objects, which never change, by their keys. */
const known = new Map<string, string>();

/**
 * The cuts of an object that came before files were looked at: read once by an isolate, from beginning to end.
 * @returns their text form; null where there is no such object
 */
export async function scanObject(
  objects: Pick<Objects, "open">,
  key: string,
  mimeType: string,
): Promise<string | null> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const opened = await objects.open(key);
  if (opened === null) return null;
  const scan = scanOf(mimeType);
  if (scan === null) await opened.body.cancel();
  else for await (const chunk of readChunks(opened.body)) scan.push(chunk);
  const { cuts } = whatLeaves(scan, opened.bytes);
  if (cuts === null) throw new Error(`The object ${key} ended early.`);
  const [oldest] = known.keys();
  if (known.size >= HELD_MAX && oldest !== undefined) known.delete(oldest);
  known.set(key, cuts);
  return cuts;
}
