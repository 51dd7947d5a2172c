import type { Answer } from "./answer.ts";
import { fetchJson, type JsonRequest } from "./fetch-json.ts";
import { leaveRefusedSession, session } from "./session.ts";

/** A request as the person at the screen. The browser adds the session cookie. */
export function callApi<Value>(path: string, request: JsonRequest = {}): Promise<Answer<Value>> {
  return asPerson(() => fetchJson<Value>(path, request));
}

/** Sends as the person at the screen. Refused for want of a session, it is over, unless it is another one's by then. */
export async function asPerson<Value>(send: () => Promise<Answer<Value>>): Promise<Answer<Value>> {
  const asker = session.get().person;
  const answer = await send();
  const isRefused = !answer.ok && answer.problem.status === 401;
  if (isRefused && asker !== null && session.get().person === asker) leaveRefusedSession();
  return answer;
}
