import type { Context } from "hono";
import { validator } from "hono-openapi";
import type * as z from "zod";
import { isJson } from "./json.ts";
import { type FieldError, refuse } from "./problem.ts";

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
}

function fieldErrors(issues: readonly Issue[]): FieldError[] {
  return issues.map((issue) => ({
    path: (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join("."),
    message: issue.message,
  }));
}

/** Answers input that does not fit its schema. @param where "body", "query" or "form" */
export function refuseFields(c: Context, where: string, issues: readonly Issue[]): Response {
  const detail = `The ${where} does not fit: see errors.`;
  return refuse(c, { code: "invalid_request", detail }, { errors: fieldErrors(issues) });
}

/** Parses a JSON body by its schema, which also describes the route. Unknown fields are refused by strict schemas. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return validator("json", schema, (result, c) => {
    if (!isJson(c)) {
      return refuse(c, { code: "unsupported_media_type", detail: "Send the body as application/json." });
    }
    return result.success ? undefined : refuseFields(c, "body", result.error);
  });
}

/** The same for routes that may also be called without a body, which then counts as an empty object. */
export function optionalJsonBody<Schema extends z.ZodType>(schema: Schema) {
  return validator("json", schema, (result, c) => {
    if (c.req.header("Content-Type") !== undefined && !isJson(c)) {
      return refuse(c, { code: "unsupported_media_type", detail: "Send the body as application/json, or none." });
    }
    return result.success ? undefined : refuseFields(c, "body", result.error);
  });
}

/** Parses the query string by its schema. */
export function query<Schema extends z.ZodType>(schema: Schema) {
  return validator("query", schema, (result, c) => {
    return result.success ? undefined : refuseFields(c, "query", result.error);
  });
}
