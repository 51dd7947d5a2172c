import { env } from "cloudflare:workers";
import type { Env } from "../../../workers/gateway/src/env.ts";
import app from "../../../workers/gateway/src/index.ts";

export const gatewayEnv = env as unknown as Env;

/** What a request leaves running outlives its test, and finds the storage emptied by the next one. */
const ctx = {
  waitUntil: (work: Promise<unknown>) => void work.catch(() => undefined),
  passThroughOnException: () => undefined,
} as unknown as ExecutionContext;

/** The gateway as it would run with other settings and neighbours: one isolate's view, with a memory of its own. */
export function doorWith(changed: Partial<Env>) {
  const changedEnv: Env = { ...gatewayEnv, ...changed };
  return async (url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> => {
    const request = new Request(new URL(url, "http://halftone.test"), { headers, method });
    return app.fetch(request, changedEnv, ctx);
  };
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
