import { type Answer, readProblem, UNREACHABLE } from "./answer.ts";

export interface JsonRequest {
  method?: "GET" | "POST" | "DELETE";
  headers?: Record<string, string>;
  body?: object;
}

/** The API's slowest JSON takes a second; after this long the connection is as good as broken. */
const TIMEOUT_MS = 30_000;

/**
 * One request to the API. The answer's shape is the API's promise (`shared/contracts`) and is not checked again; an
 * answer without a body is null.
 */
export async function fetchJson<Value>(path: string, request: JsonRequest = {}): Promise<Answer<Value>> {
  const headers = new Headers({ Accept: "application/json", ...request.headers });
  if (request.body !== undefined) headers.set("Content-Type", "application/json");
  try {
    const response = await fetch(path, {
      method: request.method ?? "GET",
      headers,
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) return { ok: false, problem: readProblem(response.status, text) };
    const value: Value = JSON.parse(text === "" ? "null" : text);
    return { ok: true, value, headers: response.headers };
  } catch {
    return { ok: false, problem: UNREACHABLE };
  }
}
