import { describe, expect, test } from "vitest";
import { GRACE_MS, idleExpiry, judgeRefresh, type Session } from "../../../workers/auth/src/sessions/session-rules.ts";

const NOW = 1_000_000;

function session(fields: Partial<Session>): Session {
  return {
    id: "session",
    createdAt: 0,
    lastSeenAt: 0,
    counter: 5,
    rotatedAt: NOW,
    idleExpiresAt: NOW + 100_000,
    absoluteExpiresAt: NOW + 200_000,
    revokedAt: null,
    revokeReason: null,
    ip: null,
    userAgent: null,
    method: "login",
    kind: "session",
    secretHash: null,
    ...fields,
  };
}

describe("a genuine refresh token", () => {
  test.each([
    ["of the current generation rotates", 5, NOW, {}, "rotate"],
    ["of the generation before repeats the answer at once", 4, NOW, {}, "repeat"],
    ["of the generation before repeats the answer at the end of the grace", 4, NOW + GRACE_MS, {}, "repeat"],
    ["of the generation before is reused after the grace", 4, NOW + GRACE_MS + 1, {}, "reused"],
    ["of two generations before is reused, grace or not", 3, NOW, {}, "reused"],
    ["of a generation to come is reused", 6, NOW, {}, "reused"],
    ["of generation zero is reused in a session that never rotated", 0, NOW, { counter: 1, rotatedAt: null }, "reused"],
    ["finds an idle session over", 5, NOW + 100_000, {}, "over"],
    ["finds an old session over", 5, NOW, { absoluteExpiresAt: NOW }, "over"],
    ["finds a revoked session over, even within the grace", 4, NOW, { revokedAt: NOW }, "over"],
  ] as const)("%s", (_promise, counter, now, fields, verdict) => {
    expect(judgeRefresh(session(fields), counter, now)).toBe(verdict);
  });
});

describe("idle time", () => {
  test("never reaches beyond the session's last moment", () => {
    expect(idleExpiry(NOW, 500, NOW + 1_000)).toBe(NOW + 500);
    expect(idleExpiry(NOW, 5_000, NOW + 1_000)).toBe(NOW + 1_000);
  });
});
