import { secured } from "../browsers/security-headers.ts";

/** As long as images itself goes on with an object that it has seen: nothing that is gone is confirmed for longer. */
const FRESH_MS = 60_000;
/** `Age` is told in whole seconds, rounded down, and not at all below one. */
const ROUNDING_MS = 1_000;
/**
 * An isolate remembers two generations of so many links of at most so many characters: with their headers about eight
 * megabytes. Ours have some hundred; one with a very long name is asked for anew each time.
 */
const GENERATION = 1_000;
const URL_MAX_CHARACTERS = 1_024;

/** A link's bytes never change, and its answer says so (RFC 8246). What else there is at its path may. */
const LINKS_CACHING = /^private, max-age=(\d+), immutable$/;
const STRONG_ETAG = /^"[^"]*"$/;

/** What images said to a client that had the bytes of a link. */
interface Vouched {
  etag: string;
  /** All of its answer's, which only age. */
  headers: Headers;
  /** When the object was there, and until when that may be told; Unix milliseconds. */
  at: number;
  until: number;
}

/** By the whole URL, signature included. When a generation is full, the one before it is forgotten as a whole. */
let young = new Map<string, Vouched>();
let old = new Map<string, Vouched>();

/**
 * The answer to a client whose copy of a link's bytes is good (RFC 9110 §13.1.2), as far as images has given it to
 * somebody less than a minute ago. Null where images is to be asked.
 */
export function confirmCopy({ url, headers }: Request, now: number): Response | null {
  const condition = headers.get("If-None-Match");
  if (condition === null) return null;
  const vouched = young.get(url) ?? old.get(url);
  if (vouched === undefined || now >= vouched.until || !names(condition, vouched.etag)) return null;
  const answer = new Response(null, { status: 304, headers: vouched.headers });
  answer.headers.set("Age", String(Math.floor((now - vouched.at) / 1_000)));
  return answer;
}

/** `*` is no copy that anybody could vouch for. */
function names(condition: string, etag: string): boolean {
  return condition.split(",").some((entry) => entry.trim().replace(/^W\//, "") === etag);
}

/**
 * Remembers that images has found a client's copy of a link's bytes to be good. What is refused or fails is forgotten.
 * @param askedAt when the request came, Unix milliseconds: no earlier than that the object is known to have been there
 */
export function noteAnswer({ url }: Request, answer: Response, askedAt: number): void {
  if (answer.status >= 400) forget(url);
  if (answer.status !== 304 || url.length > URL_MAX_CHARACTERS) return;
  const { headers } = secured(answer);
  const etag = headers.get("ETag");
  const secondsLeft = LINKS_CACHING.exec(headers.get("Cache-Control") ?? "")?.[1];
  if (etag === null || !STRONG_ETAG.test(etag) || secondsLeft === undefined) return;
  const at = askedAt - Number(headers.get("Age") ?? 0) * 1_000 - ROUNDING_MS;
  const until = Math.min(at + FRESH_MS, askedAt + Number(secondsLeft) * 1_000);
  remember(url, { etag, headers: new Headers(headers), at, until });
}

function remember(url: string, vouched: Vouched): void {
  if (young.size >= GENERATION) {
    old = young;
    young = new Map();
  }
  young.set(url, vouched);
}

function forget(url: string): void {
  young.delete(url);
  old.delete(url);
}
