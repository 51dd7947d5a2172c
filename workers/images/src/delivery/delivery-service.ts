import { exports, WorkerEntrypoint } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { cutEtag, piecesOf, readCuts } from "../privacy/cuts.ts";
import { openPieces } from "../privacy/open-pieces.ts";
import { Objects, type OpenObject } from "../storage/objects.ts";

/**
 * A cache may go on with bytes whose object is gone for this long, if a purge fails or passes a read that is under way.
 */
const CACHED_SECONDS = 60;
/** By this `Delivery` says that a cache stands in front of it. */
const CACHED_HEADER = "X-Delivery-Cached";

declare global {
  namespace Cloudflare {
    /** What a Worker may call of itself. Of all Workers this one alone does. */
    interface GlobalProps {
      mainModule: { Delivery: typeof Delivery };
    }
  }
}

/**
 * Objects by their storage key, whole or cut, for this Worker alone: it has checked who may have them. Cloudflare's cache stands
 * in front of this entrypoint (`[exports]` in wrangler.toml), so a popular picture costs no read of the bucket. A key is
 * written once, so what is cached can be gone but never outdated.
 */
export class Delivery extends WorkerEntrypoint<Env> {
  override async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const key = query.get("key") ?? "";
    const opened = await openWhole(new Objects(this.env.BUCKET), key, query.get("cuts") ?? undefined);
    if (opened === null) return new Response(null, { status: 404, headers: { "Cache-Control": "no-store" } });
    const headers = {
      [CACHED_HEADER]: String(this.ctx.cache !== undefined),
      "Content-Length": String(opened.bytes),
      ETag: `"${opened.etag}"`,
      "Cache-Control": `public, max-age=${CACHED_SECONDS}`,
      "Cache-Tag": key,
    };
    return new Response(opened.body, { headers });
  }

  /** Takes objects out of the cache. Local workerd has none. */
  async purge(keys: string[]): Promise<void> {
    await this.ctx.cache?.purge({ tags: keys });
  }
}

async function openWhole(objects: Objects, key: string, cuts: string | undefined): Promise<OpenObject | null> {
  if (cuts === undefined) return objects.open(key);
  const plan = readCuts(cuts);
  const opened = plan && (await openPieces(objects, key, piecesOf(plan)));
  return opened && { ...opened, etag: cutEtag(opened.etag, cuts) };
}

/** An object's bytes, or a part of them, on their way out. */
export interface Delivered {
  body: ReadableStream<Uint8Array>;
  bytes: number;
  /** When the object was there, Unix milliseconds. */
  at: number;
}

/** Whether there is a cache, as `Delivery` has told this isolate; null until it has. */
let isCached: boolean | null = null;

/**
 * All bytes of an object, from the cache or the bucket; null where there is none. Where no cache stands in front of
 * `Delivery`, the way through it would be a second invocation for nothing.
 */
export async function deliver(objects: Objects, key: string, cuts?: string): Promise<Delivered | null> {
  if (isCached !== false) return deliverCached(key, cuts);
  const opened = await openWhole(objects, key, cuts);
  return opened && { body: opened.body, bytes: opened.bytes, at: Date.now() };
}

/** The address names the cuts too, so that a cache never takes one for the other. */
async function deliverCached(key: string, cuts: string | undefined): Promise<Delivered | null> {
  const query = new URLSearchParams({ key, ...(cuts !== undefined && { cuts }) });
  const answer = await exports.Delivery.fetch(`https://delivery/?${query}`);
  const { body, headers } = answer;
  const bytes = headers.get("Content-Length");
  if (!answer.ok || body === null || bytes === null) return null;
  isCached = headers.get(CACHED_HEADER) === "true";
  // A cache says how long it has had its copy (RFC 9111 §5.1).
  return { body, bytes: Number(bytes), at: Date.now() - Number(headers.get("Age") ?? 0) * 1_000 };
}
