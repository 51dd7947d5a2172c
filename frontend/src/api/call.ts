import type { Answer } from "./answer.ts";
import { fetchJson, type JsonRequest } from "./fetch-json.ts";
import { currentAccess, endRefusedSession, renewAccess } from "./session.ts";

/** A request as the person at the screen. An expired access token is renewed and the request sent again, unseen. */
export function callApi<Value>(path: string, request: Omit<JsonRequest, "accessToken"> = {}): Promise<Answer<Value>> {
  return withAccess((accessToken) => fetchJson<Value>(path, { ...request, accessToken }));
}

/** Sends with an access token; when that is refused, once more with a fresh one. */
export async function withAccess<Value>(send: (accessToken: string) => Promise<Answer<Value>>): Promise<Answer<Value>> {
  const access = await currentAccess();
  if (!access.ok) return access;
  const first = await send(access.value);
  if (!isUnauthenticated(first)) return first;

  const renewed = await renewAccess(access.value);
  if (!renewed.ok) return renewed;
  const second = await send(renewed.value);
  // A token fresh from the server and refused all the same: the session was revoked.
  if (isUnauthenticated(second)) endRefusedSession();
  return second;
}

function isUnauthenticated(answer: Answer<unknown>): boolean {
  return !answer.ok && answer.problem.status === 401;
}
