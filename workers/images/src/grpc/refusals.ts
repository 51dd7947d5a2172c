import { Code, ConnectError } from "@connectrpc/connect";
import { type ProblemCode, ProblemDocument, problemStatus } from "../../../../shared/http/problem.ts";
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

/** Seconds until a busy isolate may have room again, another call its answer, or a watch a place. */
const RETRY_AFTER: Record<string, string> = { busy: "2", key_in_use: "1", rate_limited: PLACE_FREE_AFTER };

/** An expected failure, as gRPC says it. The metadata `problem-code` is the `code` of the problem document. */
export function refusal({ code, detail }: Failure<ProblemCode>): ConnectError {
  return refusalWithStatus(problemStatus(code), code, detail);
}

/** The same for a refusal that has become a problem document already. */
export async function refusalOf(problem: Response): Promise<ConnectError> {
  const { status, code, detail } = ProblemDocument.parse(await problem.json());
  return refusalWithStatus(status, code, detail);
}

function refusalWithStatus(status: number, problemCode: string, detail: string): ConnectError {
  // Where another call is at it, it is worth trying again; elsewhere 409 says that something has to change first.
  const code = problemCode === "key_in_use" ? Code.Aborted : CODES[status];
  const error = new ConnectError(detail, code ?? Code.Unknown, { "problem-code": problemCode });
  const retryAfter = RETRY_AFTER[problemCode];
  if (retryAfter !== undefined) error.metadata.set("retry-after", retryAfter);
  return error;
}
