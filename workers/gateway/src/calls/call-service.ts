import { describeError, type Logger } from "../../../../shared/log.ts";
import { type Failure, fail, ok, type Result } from "../../../../shared/result.ts";
import { type Env, readSettings } from "../env.ts";
import { count } from "../metrics/counters.ts";
import type { ServiceName } from "../routes.ts";
import { checkAnswer } from "./check-answer.ts";
import { RETRIES_MAX, retryDelayMs } from "./retry.ts";
import { destinationOf, nextTarget, type Target } from "./targets.ts";

/** `busy`: as many calls as may be are under way, so the service was not asked. The others are the service's failures. */
export type CallFailure = "busy" | "timeout" | "service_unavailable" | "unreadable_answer";

/**
 * How long a call counts as being in hand at most. An upload may take longer; but a caller who hangs up while its bytes
 * are due may leave its place behind, and a gallery that is scrolled through hangs up often.
 */
const HELD_MAX_MS = 30_000;

export interface Call {
  service: ServiceName;
  /** Makes the request anew for each try. The signal ends it with its deadline. */
  request(signal: AbortSignal): Request;
  /** Until when an answer must have begun, all tries together; Unix milliseconds. */
  deadline: number;
  /** Only for what may be done twice, and has no body: one that was streamed is gone. */
  mayRetry: boolean;
  /** Whether a failure in plain JSON is the service's own word. */
  failsInJson: boolean;
  /** Whether the caller's body broke off, which is not the service's fault. */
  brokeOff(): boolean;
}

/**
 * Calls a service as often as it is allowed and sensible, and never when it has been given up. An answer is whatever a
 * service of ours wrote, its refusals included: only what nobody wrote is a failure of the service.
 */
export async function callService(env: Env, log: Logger, call: Call): Promise<Result<Response, CallFailure>> {
  const destination = destinationOf(env, call.service);
  destination.retries.earn();
  for (let retry = 1; ; retry++) {
    const target = nextTarget(destination, Date.now());
    const outcome = target === null ? away(call.service) : await callOnce(env, log, target, call);
    if (!outcome.ok) count("halftone_call_failures_total", { service: call.service, code: outcome.failure.code });
    const isFinal = outcome.ok || outcome.failure.code === "busy" || outcome.failure.code === "timeout";
    if (isFinal || target === null || !call.mayRetry || retry > RETRIES_MAX || !destination.retries.spend())
      return outcome;
    const delayMs = retryDelayMs(retry);
    if (Date.now() + delayMs >= call.deadline) return outcome;
    await scheduler.wait(delayMs);
  }
}

async function callOnce(env: Env, log: Logger, target: Target, call: Call): Promise<Result<Response, CallFailure>> {
  const beganAt = Date.now();
  const heldUntil = Math.min(call.deadline, beganAt + HELD_MAX_MS);
  const place = target.inFlight.enter(readSettings(env).MAX_IN_FLIGHT, heldUntil, beganAt);
  if (place === null) return fail("busy", `The ${call.service} service has as many requests in hand as it may have.`);
  try {
    const outcome = await ask(target, call);
    if (outcome.ok || !call.brokeOff()) target.breaker.record(beganAt, !outcome.ok, Date.now());
    if (!outcome.ok) log.error("service failed", { to: target.name, code: outcome.failure.code, error: outcome.cause });
    return outcome;
  } finally {
    target.inFlight.leave(place);
  }
}

/** What services write their own failures in. */
const SERVICE_FAILURES = ["application/problem+json", "text/xml", "application/soap+xml"];

/** What a call came to; `cause` is for the log. */
type Outcome = { ok: true; value: Response } | { ok: false; failure: Failure<CallFailure>; cause: string };

async function ask(target: Target, call: Call): Promise<Outcome> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), Math.max(0, call.deadline - Date.now()));
  try {
    const request = call.request(limit.signal);
    const answer = await target.fetch(request);
    if (isNobodysAnswer(answer, call)) {
      await answer.body?.cancel();
      return { ...away(call.service), cause: `status ${answer.status}` };
    }
    const checked = await checkAnswer(request.method, answer);
    if (checked !== null) return ok(checked);
    return {
      ...fail("unreadable_answer", `What the ${call.service} service answered cannot be read.`),
      cause: "broken JSON",
    };
  } catch (error) {
    const cause = describeError(error);
    if (!limit.signal.aborted) return { ...away(call.service), cause };
    return { ...fail("timeout", `The ${call.service} service did not answer in time.`), cause };
  } finally {
    clearTimeout(timer);
  }
}

function away(service: ServiceName) {
  return fail("service_unavailable", `The ${service} service is away. Everything else still works.`);
}

/**
 * A service answers its own failures with a problem document or, in SOAP, with a fault, so that a 503 for a photo that is
 * still being made, or a bug that one request meets, cuts nobody off. A server error without one comes from a runtime or
 * proxy in its place.
 */
function isNobodysAnswer(answer: Response, { failsInJson }: Pick<Call, "failsInJson">): boolean {
  const mediaType = answer.headers.get("Content-Type")?.split(";")[0] ?? "";
  const isOwn = SERVICE_FAILURES.includes(mediaType) || (failsInJson && mediaType === "application/json");
  return answer.status >= 500 && !isOwn;
}
