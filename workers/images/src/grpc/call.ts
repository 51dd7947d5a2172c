import {
  ConnectError,
  type ContextValues,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import { isOutage, OUTAGE } from "../../../../shared/http/outage.ts";
import { describeError, type Logger } from "../../../../shared/log.ts";
import type { OwnerContext } from "../routes/context.ts";
import { refusal } from "./refusals.ts";

/** The HTTP request behind a call. */
export type Call = OwnerContext & { var: { log: Logger } };

const CALL = createContextKey<Call | null>(null);
const REFUSAL = createContextKey<ConnectError | null>(null);

export function valuesOf(call: Call): ContextValues {
  return createContextValues().set(CALL, call);
}

/** For a call that was refused before any method was asked. */
export function valuesOfRefused(reason: ConnectError): ContextValues {
  return createContextValues().set(REFUSAL, reason);
}

/** Answers a call that was refused already, in whichever protocol it came. */
export function refuseMarked({ values }: HandlerContext): void {
  const reason = values.get(REFUSAL);
  if (reason !== null) throw reason;
}

export function callOf({ values }: HandlerContext): Call {
  const call = values.get(CALL);
  if (call === null) throw new Error("A method was called without its request.");
  return call;
}

/**
 * Logs a failure that nobody expected. @returns what is thrown in its place: an outage has a code of its own, the rest is
 * answered by the library as `internal` and without a word of it
 */
export function unexpected({ var: { log } }: Call, error: unknown): unknown {
  if (error instanceof ConnectError) return error;
  log.error("call failed", { error: describeError(error) });
  return isOutage(error) ? refusal(OUTAGE) : error;
}
