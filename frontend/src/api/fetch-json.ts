import { type Answer, readProblem, UNREACHABLE } from "./answer.ts";

export interface JsonRequest {
  method?: "GET" | "POST";
  body?: object;
  accessToken?: string;
}

/** The API's slowest JSON takes a second; after this long the connection is as good as broken. */
const TIMEOUT_MS = 30_000;

/** One request to the API. The answer's shape is the API's promise (`shared/contracts`) and is not checked again. */
export async function fetchJson<Value>(path: string, request: JsonRequest = {}): Promise<Answer<Value>> {
  const headers = new Headers({ Accept: "application/json" });
  if (request.accessToken !== undefined) headers.set("Authorization", `Bearer ${request.accessToken}`);
  if (request.body !== undefined) headers.set("Content-Type", "application/json");
  try {
    const response = await fetch(path, {
      method: request.method ?? "GET",
      headers,
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return { ok: false, problem: readProblem(response.status, await response.text()) };
    const value: Value = await response.json();
    return { ok: true, value, headers: response.headers };
  } catch {
    return { ok: false, problem: UNREACHABLE };
  }
}
