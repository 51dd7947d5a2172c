import { env } from "cloudflare:workers";
import type { Env } from "../../../workers/gateway/src/env.ts";
import app from "../../../workers/gateway/src/index.ts";

export const gatewayEnv = env as unknown as Env;

/**
 * What a request leaves running is waited for by nobody: its counts leave seconds later. It outlives its test, and finds
 * the storage emptied by the next one.
 */
const ctx = {
  waitUntil: (work: Promise<unknown>) => void work.catch(() => undefined),
  passThroughOnException: () => undefined,
} as unknown as ExecutionContext;

function ask(changedEnv: Env, path: string, init: RequestInit): Response | Promise<Response> {
  return app.fetch(new Request(new URL(path, "http://halftone.test"), init), changedEnv, ctx);
}

/** Calls the gateway as it would be with other settings, or with something else behind its bindings. */
export async function callWith(changed: object, path: string, init: RequestInit = {}): Promise<Response> {
  return ask({ ...gatewayEnv, ...changed }, path, init);
}

/** The gateway as it would run with other settings and neighbours: one isolate's view, with a memory of its own. */
export function doorWith(changed: Partial<Env>) {
  const changedEnv: Env = { ...gatewayEnv, ...changed };
  return async (url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> =>
    ask(changedEnv, url, { headers, method });
}

/** A neighbour that answers in its own way, and counts how often it was asked. */
export function neighbour(answer: (path: string) => Response | Promise<Response>) {
  const asked: string[] = [];
  const fetcher = {
    async fetch(request: Request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      return answer(pathname);
    },
  };
  return { asked, fetcher: fetcher as unknown as Fetcher };
}

export const AWAY = neighbour(() => {
  throw new Error("It is away.");
}).fetcher;
