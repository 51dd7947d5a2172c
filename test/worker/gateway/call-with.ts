import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Env } from "../../../workers/gateway/src/env.ts";
import gateway from "../../../workers/gateway/src/index.ts";

/** Calls the gateway as it would be with other settings, or with something else behind its bindings. */
export async function callWith(changed: object, path: string, init: RequestInit = {}): Promise<Response> {
  const context = createExecutionContext();
  const request = new Request(`http://halftone.test${path}`, init);
  const answer = await gateway.fetch(request, { ...(env as unknown as Env), ...changed }, context);
  await waitOnExecutionContext(context);
  return answer;
}
