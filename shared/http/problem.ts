import * as z from "zod";
import type { Failure } from "../result.ts";

/**
 * Every code an answer may carry, with its status and its title (RFC 9457 §3.1).
 * The one place where an inner reason becomes an outer answer: rich inside, dull outside.
 */
const PROBLEMS = {
  malformed_json: [400, "The body is not valid JSON"],
  malformed_request: [400, "The request cannot be read"],
  invalid_digest: [400, "The body is not the one that was signed"],
  unauthenticated: [401, "Sign in first"],
  invalid_credentials: [401, "Wrong address or password"],
  invalid_signature: [401, "The request is not signed as it must be"],
  invalid_refresh_token: [401, "The refresh token is not valid"],
  forbidden: [403, "You may not do this"],
  cross_site_request: [403, "This must come from our own page"],
  not_found: [404, "Not found"],
  method_not_allowed: [405, "This path does not take that method"],
  not_acceptable: [406, "This does not exist in the wanted form"],
  email_taken: [409, "This address is registered already"],
  username_taken: [409, "This user name is taken"],
  illegal_status_change: [409, "The order cannot go there from here"],
  not_changeable: [409, "This cannot be changed any more"],
  key_in_use: [409, "A request with this key is being answered"],
  conflict: [409, "Somebody changed this meanwhile"],
  limit_reached: [409, "There are as many as there may be"],
  not_ready: [409, "This is not ready yet"],
  not_shareable: [409, "This cannot be given to others"],
  original_lost: [410, "The bytes of this file are lost"],
  length_required: [411, "The body's length is missing"],
  precondition_failed: [412, "Somebody changed this meanwhile"],
  unsupported_version: [412, "This version of the protocol is not spoken here"],
  payload_too_large: [413, "The body is too large"],
  image_too_large: [413, "The picture is too large"],
  uri_too_long: [414, "The address is too long"],
  unsupported_media_type: [415, "This content type is not taken here"],
  unsupported_image: [415, "This kind of picture is not supported"],
  range_not_satisfiable: [416, "The range lies outside the file"],
  invalid_request: [422, "The request does not fit"],
  key_reused: [422, "This key belongs to another request"],
  rate_limited: [429, "Too many requests"],
  headers_too_large: [431, "The headers are too large"],
  internal_error: [500, "Something broke on our side"],
  misconfigured: [500, "The service is set up wrongly"],
  unreadable_answer: [502, "The service's answer cannot be read"],
  service_unavailable: [503, "Not available at the moment"],
  busy: [503, "Busy at the moment"],
  being_made: [503, "This is being made"],
  timeout: [504, "The service took too long"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One field of the request that does not fit. `path` is the JSON path, such as `items.0.price`. */
export interface FieldError {
  path: string;
  message: string;
}

export interface ProblemOptions {
  requestId: string;
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** Extension members (RFC 9457 §3.2), such as the legal next states. */
  extra?: Record<string, unknown>;
}

export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ ref: "Problem" });

export const PROBLEM_TYPE = "application/problem+json";

/** An RFC 9457 problem document as a response. */
export function problemResponse(code: ProblemCode, detail: string, options: ProblemOptions): Response {
  return new Response(problemText(code, detail, options), {
    status: problemStatus(code),
    headers: { ...options.headers, "Content-Type": PROBLEM_TYPE },
  });
}

/** The document itself. */
export function problemText(
  code: ProblemCode,
  detail: string,
  { requestId, errors, extra }: Omit<ProblemOptions, "headers">,
): string {
  const [status, title] = PROBLEMS[code];
  const type = `urn:halftone:problem:${code}`;
  return JSON.stringify({ type, title, status, detail, code, requestId, ...(errors && { errors }), ...extra });
}

export function problemStatus(code: ProblemCode): number {
  return PROBLEMS[code][0];
}

/** The part of a Hono context that an answer needs. */
interface Answering {
  var: { requestId: string };
}

/** Answers an expected failure. */
export function refuse(
  c: Answering,
  failure: Failure<ProblemCode>,
  options: Omit<ProblemOptions, "requestId"> = {},
): Response {
  return problemResponse(failure.code, failure.detail, { ...options, requestId: c.var.requestId });
}

/** One answer for what is not there and for what is somebody else's, so that ids cannot be probed. */
export function refuseUnknown(c: Answering): Response {
  return refuse(c, { code: "not_found", detail: "There is nothing here, or it is not yours." });
}
