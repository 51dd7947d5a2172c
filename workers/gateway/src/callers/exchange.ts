import type { Context } from "hono";
import type { ExchangedCredential } from "../../../../shared/contracts/rpc.ts";
import { clientOrigin } from "../../../../shared/http/context.ts";
import type { Result } from "../../../../shared/result.ts";
import type { Env } from "../env.ts";
import { askAuth } from "./ask-auth.ts";
import { CREDENTIAL_HEADERS } from "./identity.ts";

/** An isolate remembers at most this many cookies and keys; the oldest gives way, and costs auth a call the next time. */
const HELD_MAX = 10_000;

/** What was exchanged lately, by the hash of the credential: no memory of this Worker holds one longer than its request. */
const held = new Map<string, ExchangedCredential>();

/** Trades a cookie or a key for a token, at auth at most once a minute. Throws when auth cannot be asked. */
export async function exchangeCredential(
  c: Context<{ Bindings: Env }>,
  credential: string,
): Promise<Result<ExchangedCredential, "invalid_credential" | "invalid_signature">> {
  const exchanged = await askAuth(c.env).exchange(credential, {
    ...clientOrigin(c.req.raw),
    method: c.req.method,
    url: c.req.url,
    headers: [...c.req.raw.headers].filter(([name]) => !CREDENTIAL_HEADERS.includes(name)),
  });
  if (exchanged.ok && !exchanged.value.everyRequest) await remember(credential, exchanged.value);
  return exchanged;
}

/** What a credential was traded for less than a minute ago, null where it must be traded anew. */
export async function exchangedBefore(credential: string, now = Date.now()): Promise<ExchangedCredential | null> {
  const hash = await hashOf(credential);
  const known = held.get(hash);
  if (known === undefined) return null;
  if (now < known.freshUntil) return known;
  held.delete(hash);
  return null;
}

async function remember(credential: string, exchanged: ExchangedCredential): Promise<void> {
  const [oldest] = held.keys();
  if (held.size >= HELD_MAX && oldest !== undefined) held.delete(oldest);
  held.set(await hashOf(credential), exchanged);
}

async function hashOf(credential: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(credential));
  return String.fromCharCode(...new Uint8Array(hash));
}
