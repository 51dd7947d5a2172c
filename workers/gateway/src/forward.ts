import type { Context } from "hono";
import { refuse } from "../../../shared/http/problem.ts";
import { describeError } from "../../../shared/log.ts";
import type { Identity } from "./authenticate.ts";
import { checkBody } from "./content-digest.ts";
import type { Env } from "./env.ts";
import type { Route, ServiceName, TimeoutClass } from "./routes.ts";

/**
 * Until when an answer must have begun. Auth gets longer because an imported bcrypt hash costs more than a second of
 * CPU; uploads take as long as their bytes do, so only a dead service is cut off.
 */
const TIMEOUTS_MS: Record<TimeoutClass, number> = { api: 5_000, auth: 10_000, bytes: 120_000 };

/** Headers by which a proxy would name the client. Nobody behind us may take a stranger's word for them. */
const SPOOFABLE = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];
/** What clients prove themselves with, in lower case. It ends here: services see access tokens only. */
export const CREDENTIAL_HEADERS = ["authorization", "cookie", "x-api-key"];

/**
 * What was answered to somebody is theirs. Caches keep off what an `Authorization` header has opened (RFC 9111 §3.5),
 * but know nothing of our cookie and `X-API-Key`; and a browser is not always the same person's.
 */
const FOR_THE_CALLER = "private, no-cache";

export function bindingOf(env: Env, service: ServiceName): Fetcher {
  const bindings: Record<ServiceName, Fetcher> = {
    auth: env.AUTH_HTTP,
    images: env.IMAGES_HTTP,
    resizer: env.RESIZER_HTTP,
    orders: env.ORDERS_HTTP,
    audit: env.AUDIT_HTTP,
    webhooks: env.WEBHOOKS_HTTP,
  };
  return bindings[service];
}

/**
 * Hands the request to its service, body as a stream, with this request's id and trace, and with an access token in
 * place of whatever the caller proved themselves with. The body of a signed request must be the one that was signed.
 */
export async function forward(
  c: Context<{ Bindings: Env }>,
  route: Route,
  identity: Identity | null,
): Promise<Response> {
  if (!identity?.everyRequest) return send(c, route, identity, null);
  const checked = checkBody(c.req.raw);
  if (!checked.ok) return refuse(c, checked.failure);
  const { body, isForged } = checked.value;
  const answer = await send(c, route, identity, body);
  if (!isForged()) return answer;
  await answer.body?.cancel();
  return refuse(c, { code: "invalid_digest", detail: "The body does not match its Content-Digest." });
}

/** @param body what is sent in place of the caller's body; null sends that */
async function send(
  c: Context<{ Bindings: Env }>,
  route: Route,
  identity: Identity | null,
  body: ReadableStream<Uint8Array> | null,
): Promise<Response> {
  const headers = new Headers(c.req.raw.headers);
  for (const name of [...SPOOFABLE, ...CREDENTIAL_HEADERS]) headers.delete(name);
  if (identity !== null) headers.set("Authorization", `Bearer ${identity.accessToken}`);
  headers.set("X-Request-Id", c.var.requestId);
  headers.set("traceparent", c.var.traceparent);

  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), TIMEOUTS_MS[route.timeout]);
  try {
    const init = { headers, signal: deadline.signal, redirect: "manual", ...(body !== null && { body }) } as const;
    const request = new Request(c.req.raw, init);
    const answer = await bindingOf(c.env, route.service).fetch(request);
    // Copied, because headers of a fetched response cannot be changed. The body stays a stream.
    const copy = new Response(answer.body, answer);
    if (identity !== null && !copy.headers.has("Cache-Control")) copy.headers.set("Cache-Control", FOR_THE_CALLER);
    return copy;
  } catch (error) {
    c.var.log.error("service away", { to: route.service, error: describeError(error) });
    return refuseAway(c, route, deadline.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

function refuseAway(c: Context<{ Bindings: Env }>, route: Route, timedOut: boolean): Response {
  const headers = { "Retry-After": "5" };
  if (timedOut) {
    const detail = `The ${route.service} service did not answer in time.`;
    return refuse(c, { code: "timeout", detail }, { headers });
  }
  const detail = `The ${route.service} service is away. Everything else still works.`;
  return refuse(c, { code: "service_unavailable", detail }, { headers });
}
