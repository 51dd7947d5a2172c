import { exports, WorkerEntrypoint } from "cloudflare:workers";
import type { Env } from "./env.ts";
import { Objects } from "./objects.ts";

/**
 * A cache may go on with bytes whose object is gone for this long, if a purge fails or passes a read that is under way.
 */
const CACHED_SECONDS = 60;

declare global {
  namespace Cloudflare {
    /** What a Worker may call of itself. Of all Workers this one alone does. */
    interface GlobalProps {
      mainModule: { Delivery: typeof Delivery };
    }
  }
}

/**
 * Whole objects by their storage key, for this Worker alone: it has checked who may have them. Cloudflare's cache stands
 * in front of this entrypoint (`[exports]` in wrangler.toml), so a popular picture costs no read of the bucket. A key is
 * written once, so what is cached can be gone but never outdated.
 */
export class Delivery extends WorkerEntrypoint<Env> {
  override async fetch(request: Request): Promise<Response> {
    const key = new URL(request.url).searchParams.get("key") ?? "";
    const opened = await new Objects(this.env.BUCKET).open(key);
    if (opened === null) return new Response(null, { status: 404, headers: { "Cache-Control": "no-store" } });
    const headers = {
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

/** The bytes of an object, from the cache or the bucket; null where there is none. */
export async function deliver(key: string): Promise<{ body: ReadableStream<Uint8Array>; bytes: string } | null> {
  const answer = await exports.Delivery.fetch(`https://delivery/?key=${encodeURIComponent(key)}`);
  const { body, headers } = answer;
  const bytes = headers.get("Content-Length");
  return answer.ok && body !== null && bytes !== null ? { body, bytes } : null;
}
