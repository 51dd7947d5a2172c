import type { Logger } from "../log.ts";

/** What every Worker must be given to open its HTTP door. */
export interface ServiceBindings {
  SERVICE_NAME: string;
  LOG_LEVEL: string;
}

/** What the kit sets on every request's context, in every Worker. */
declare module "hono" {
  interface ContextVariableMap {
    /** Stands in every answer, log line and event of this request. */
    requestId: string;
    /** W3C trace context (https://www.w3.org/TR/trace-context/), handed on to every service that is called. */
    traceparent: string;
    log: Logger;
  }
}

/** Longer agents are cut: the text is stored with every event. */
const USER_AGENT_MAX = 512;

/** Where a request came from, as events record it. */
export interface ClientOrigin {
  ip: string | null;
  userAgent: string | null;
}

/**
 * Reads the client's address and agent. Only `CF-Connecting-IP` counts: Cloudflare sets it at the edge and the
 * gateway hands it on; the services have no public route by which anybody else could send it.
 */
export function clientOrigin(request: Request): ClientOrigin {
  return {
    ip: request.headers.get("CF-Connecting-IP"),
    userAgent: request.headers.get("User-Agent")?.slice(0, USER_AGENT_MAX) ?? null,
  };
}
