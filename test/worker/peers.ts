import type { JSONWebKeySet } from "jose";
import { SCRIPTED_PEERS } from "./scripted-peers.ts";

const COMPATIBILITY_DATE = "2026-09-18";

/** Users whom the stubbed auth no longer knows have ids that begin like this. */
export const ERASED_USER_PREFIX = "00000000";
/** And about whom it does not answer, like these. */
export const UNANSWERED_USER_PREFIX = "00000001";

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
    const exchanges = new Map();
    let timesExchanged = 0;
    let revoked = [];
    let isAway = false;
    export class AuthService extends WorkerEntrypoint {
      jwks() {
        if (isAway) throw new Error("Auth is away.");
        return ${JSON.stringify(jwks)};
      }
      userExists(id) {
        if (id.startsWith("${UNANSWERED_USER_PREFIX}")) throw new Error("Auth is away.");
        return !id.startsWith("${ERASED_USER_PREFIX}");
      }
      exchange(credential, use) {
        if (isAway) throw new Error("Auth is away.");
        timesExchanged += 1;
        const answer = exchanges.get(credential);
        if (answer === undefined) return { ok: false, failure: { code: "invalid_credential", detail: "It opens nothing." } };
        return { ok: true, value: { ...answer, freshUntil: Date.now() + 60_000 } };
      }
      revocations(after) {
        if (isAway) throw new Error("Auth is away.");
        return { revocations: revoked.slice(after, after + 2), cursor: Math.max(after, Math.min(after + 2, revoked.length)) };
      }
      sessionIsLive(userId, sessionId) {
        if (isAway) throw new Error("Auth is away.");
        return !revoked.some((one) => one.sessionId === sessionId);
      }
      teach(credential, answer) { exchanges.set(credential, answer); }
      revoke(sessionId) { revoked.push({ sessionId, until: Date.now() + 86_400_000 }); }
      setAway(away) { isAway = away; }
      countExchanges() { return timesExchanged; }
    }
    export class JobsService extends WorkerEntrypoint {
      claimJob() { return { ok: false, failure: { code: "not_claimable", detail: "A stub has no jobs." } }; }
    }
    ${SCRIPTED_PEERS}
    /** Says one thing and then, for longer than any test, nothing. */
    function speakOnce() {
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      const say = (text) => writer.write(new TextEncoder().encode(text)).catch(() => undefined);
      say("id: 1\\n\\n");
      setInterval(say, 60_000, ": \\n\\n");
      return new Response(readable, { headers: { "Content-Type": "text/event-stream" } });
    }
    export default {
      fetch(request) {
        const { pathname } = new URL(request.url);
        const headers = Object.fromEntries(request.headers);
        if (pathname === "/health") return Response.json({ status: "healthy" });
        if (pathname === "/api/images/events") return speakOnce();
        if (pathname === "/openapi.json") return Response.json({ paths: { "/api/${name}": { get: {} } } });
        const setCookie = request.headers.get("X-Stub-Set-Cookie");
        const answer = { stub: "${name}", method: request.method, path: pathname, headers };
        return Response.json(answer, { headers: setCookie === null ? {} : { "Set-Cookie": setCookie } });
      },
      queue() {},
    };`;
}
