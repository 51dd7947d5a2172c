import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { ENDED_SESSIONS_NAME } from "../../../workers/gateway/src/callers/ended-sessions.do.ts";
import type { Env } from "../../../workers/gateway/src/env.ts";

const list = () => (env as unknown as Env).ENDED_SESSIONS.getByName(ENDED_SESSIONS_NAME);
const ended = (until = Date.now() + 60_000) => ({ sessionId: newId(), until });

test("nothing is recalled before something was read, then all of it, an empty list too", async () => {
  expect(await list().recall()).toBeNull();
  await list().keep({ revocations: [], cursor: 0 });
  expect(await list().recall()).toEqual({ revocations: [], cursor: 0 });
});

test("isolates that bring the same, or less, take nothing away", async () => {
  const [first, second] = [ended(), ended()];
  await list().keep({ revocations: [first, second], cursor: 7 });
  await list().keep({ revocations: [first], cursor: 3 });
  const kept = await list().recall();
  expect(kept?.cursor).toBe(7);
  expect(new Set(kept?.revocations)).toEqual(new Set([first, second]));
});

test("a session is forgotten when no token of it can be alive", async () => {
  const [alive, gone] = [ended(), ended(Date.now() - 1)];
  await list().keep({ revocations: [gone, alive], cursor: 2 });
  expect((await list().recall())?.revocations).toEqual([alive]);
});
