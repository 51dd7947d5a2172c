import { Code, ConnectError } from "@connectrpc/connect";
import { type ProblemCode, problemStatus } from "../../../../shared/http/problem.ts";
import type { Failure } from "../../../../shared/result.ts";
import { PLACE_FREE_AFTER } from "../feed/open-feed.ts";

/** What the statuses of problem documents are in gRPC (https://grpc.io/docs/guides/status-codes/). */
const CODES: Record<number, Code> = {
  400: Code.InvalidArgument,
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  404: Code.NotFound,
  409: Code.FailedPrecondition,
  413: Code.ResourceExhausted,
  415: Code.InvalidArgument,
  422: Code.InvalidArgument,
  429: Code.ResourceExhausted,
  500: Code.Internal,
  503: Code.Unavailable,
};

/** Seconds until a busy isolate may have room again, or a watch a place. */
const RETRY_AFTER: Record<string, string> = { busy: "2", rate_limited: PLACE_FREE_AFTER };

/** An expected failure, as gRPC says it. The metadata `problem-code` is the `code` of the problem document. */
export function refusal({ code, detail }: Failure<ProblemCode>): ConnectError {
  return refusalWithStatus(problemStatus(code), code, detail);
}

/** The same for a refusal that has become a problem document already. */
export function refusalWithStatus(status: number, problemCode: string, detail: string): ConnectError {
  const error = new ConnectError(detail, CODES[status] ?? Code.Unknown, { "problem-code": problemCode });
  const retryAfter = RETRY_AFTER[problemCode];
  if (retryAfter !== undefined) error.metadata.set("retry-after", retryAfter);
  return error;
}
