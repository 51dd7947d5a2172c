import { exports } from "cloudflare:workers";
import type { Person } from "./sign-in.ts";

/** The main module of the Worker under test. */
const worker = exports as unknown as { default: Fetcher };

interface CallOptions {
  as?: Person;
  method?: string;
  /** Sent as JSON. */
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
}

/** Calls the Worker under test over HTTP. */
export async function call(path: string, options: CallOptions = {}): Promise<Response> {
  const { as, json } = options;
  const body = json === undefined ? options.body : JSON.stringify(json);
  return worker.default.fetch(`http://halftone.test${path}`, {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    redirect: "manual",
    headers: {
      ...lengthOf(body),
      ...as?.headers,
      ...(json !== undefined && { "Content-Type": "application/json" }),
      ...options.headers,
    },
    ...(body !== undefined && { body }),
  });
}

/** What a client declares of a body that it has at hand. Here nobody else does. */
function lengthOf(body: BodyInit | undefined): Record<string, string> {
  if (typeof body === "string") return { "Content-Length": String(new TextEncoder().encode(body).length) };
  return body instanceof Uint8Array ? { "Content-Length": String(body.length) } : {};
}

/** What a refusal says: its status and its code. */
export async function codeOf(response: Response): Promise<[status: number, code: string]> {
  return [response.status, (await response.json<{ code: string }>()).code];
}
