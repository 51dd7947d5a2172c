import { refuse } from "../../../../shared/http/problem.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import type { Failure } from "../../../../shared/result.ts";
import { CREDENTIAL_HEADERS, type Identity } from "../callers/identity.ts";
import type { Env } from "../env.ts";
import type { Route, TimeoutClass } from "../routes.ts";
import { type CallFailure, callService } from "./call-service.ts";
import { type CheckedBody, checkBody } from "./content-digest.ts";

/**
 * Until when an answer must have begun, from the arrival of the request and with all retries. Auth gets longer because
 * an imported bcrypt hash costs more than a second of CPU; uploads take as long as their bytes do, so only a dead
 * service is cut off.
 */
const TIMEOUTS_MS: Record<TimeoutClass, number> = { api: 5_000, auth: 10_000, bytes: 120_000 };

/** Headers by which a proxy would name the client. Nobody behind us may take a stranger's word for them. */
const SPOOFABLE = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];
const WITHHELD = [...SPOOFABLE, ...CREDENTIAL_HEADERS];

/**
 * What was answered to somebody is theirs. Caches keep off what an `Authorization` header has opened (RFC 9111 §3.5),
 * but know nothing of our cookie and `X-API-Key`; and a browser is not always the same person's.
 */
const FOR_THE_CALLER = "private, no-cache";

/** Seconds until it is worth asking again: a place is free soon, a service is tried again every two seconds. */
const RETRY_AFTER: Record<CallFailure, string> = {
  busy: "1",
  timeout: "5",
  service_unavailable: "5",
  unreadable_answer: "5",
};

/**
 * Hands the request to its service, body as a stream, with this request's id and trace, and with an access token in
 * place of whatever the caller proved themselves with. The body of a signed request must be the one that was signed.
 * @param arrivedAt when the request came, Unix milliseconds
 */
export async function forward(
  c: Visit<Env>,
  route: Route,
  identity: Identity | null,
  arrivedAt: number,
): Promise<Response> {
  const deadline = arrivedAt + TIMEOUTS_MS[route.timeout];
  if (!identity?.everyRequest) return send(c, route, identity, deadline, { body: null, isForged: () => false });
  const checked = checkBody(c.req.raw);
  if (!checked.ok) return refuse(c, checked.failure);
  const answer = await send(c, route, identity, deadline, checked.value);
  if (!checked.value.isForged()) return answer;
  await answer.body?.cancel();
  return refuse(c, { code: "invalid_digest", detail: "The body does not match its Content-Digest." });
}

/** @param checked what is sent in place of the caller's body; null sends that */
async function send(
  c: Visit<Env>,
  route: Route,
  identity: Identity | null,
  deadline: number,
  checked: CheckedBody,
): Promise<Response> {
  const { body, isForged } = checked;
  const answer = await callService(c.env, c.var.log, {
    service: route.service,
    request: (signal) => requestFor(c, identity, signal, body),
    deadline,
    mayRetry: route.retry === "reads" && isRead(c.req.raw),
    failsInJson: route.failsInJson === true,
    brokeOff: isForged,
  });
  return answer.ok ? keptFromCaches(answer.value, identity) : refuseFailed(c, answer.failure);
}

function keptFromCaches(answer: Response, identity: Identity | null): Response {
  if (identity !== null && !answer.headers.has("Cache-Control")) answer.headers.set("Cache-Control", FOR_THE_CALLER);
  return answer;
}

/** The headers are changed on the copy: handing over changed ones would have them copied twice. */
function requestFor(
  c: Visit<Env>,
  identity: Identity | null,
  signal: AbortSignal,
  body: ReadableStream<Uint8Array> | null,
): Request {
  const request = new Request(c.req.raw, { signal, redirect: "manual", ...(body !== null && { body }) });
  const { headers } = request;
  for (const name of WITHHELD) headers.delete(name);
  if (identity !== null) headers.set("Authorization", `Bearer ${identity.accessToken}`);
  headers.set("X-Request-Id", c.var.requestId);
  headers.set("traceparent", c.var.traceparent);
  return request;
}

/**
 * What may be done twice. PUT and DELETE are idempotent too, but whoever repeats a DELETE that worked is told that there
 * is nothing, and the body of a PUT has been streamed away.
 */
function isRead(request: Request): boolean {
  return (request.method === "GET" || request.method === "HEAD") && request.body === null;
}

function refuseFailed(c: Visit<Env>, failure: Failure<CallFailure>): Response {
  return refuse(c, failure, { headers: { "Retry-After": RETRY_AFTER[failure.code] } });
}
