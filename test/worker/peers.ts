import type { JSONWebKeySet } from "jose";
import { SCRIPTED_PEERS } from "./scripted-peers.ts";

const COMPATIBILITY_DATE = "2026-09-18";

/** Users whom the stubbed auth no longer knows have ids that begin like this. */
export const ERASED_USER_PREFIX = "00000000";

/**
 * The neighbours of the Worker under test. Every bound service must exist or workerd does not start; one small module
 * stands in for each of them and answers the happy way.
 */
export function neighboursOf(name: string, all: string[], jwks: JSONWebKeySet) {
  return all
    .filter((other) => other !== name)
    .map((other) => ({
      name: `halftone-${other}`,
      modules: true as const,
      compatibilityDate: COMPATIBILITY_DATE,
      script: stubScript(other, jwks),
    }));
}

function stubScript(name: string, jwks: JSONWebKeySet): string {
  return `
    import { WorkerEntrypoint } from "cloudflare:workers";
    export class AuthService extends WorkerEntrypoint {
      jwks() { return ${JSON.stringify(jwks)}; }
      userExists(id) { return !id.startsWith("${ERASED_USER_PREFIX}"); }
    }
    export class JobsService extends WorkerEntrypoint {
      claimJob() { return { ok: false, failure: { code: "not_claimable", detail: "A stub has no jobs." } }; }
    }
    ${SCRIPTED_PEERS}
    export default {
      fetch(request) {
        const { pathname } = new URL(request.url);
        const headers = Object.fromEntries(request.headers);
        if (pathname === "/health") return Response.json({ status: "healthy" });
        if (pathname === "/openapi.json") return Response.json({ paths: { "/api/${name}": { get: {} } } });
        return Response.json({ stub: "${name}", method: request.method, path: pathname, headers });
      },
      queue() {},
    };`;
}
