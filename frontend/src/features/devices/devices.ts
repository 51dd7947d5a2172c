import type { EndedSessions, SessionView } from "../../../../shared/contracts/sessions.ts";
import type { Answer } from "../../api/answer.ts";
import { callApi } from "../../api/call.ts";
import { createResource } from "../../api/resource.ts";

/** Where the person is signed in: this device first, then the one that was seen last. */
export const devices = createResource<SessionView[]>(async ({ userId }) => {
  const answer = await callApi<SessionView[]>(addressOf(userId));
  return answer.ok ? { ...answer, value: answer.value.toSorted(byNearness) } : answer;
});

export function endDevice({ userId, id }: SessionView): Promise<Answer<null>> {
  return callApi(`${addressOf(userId)}/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function endOtherDevices({ userId }: SessionView): Promise<Answer<EndedSessions>> {
  return callApi(`${addressOf(userId)}?except=current`, { method: "DELETE" });
}

export function endAllDevices({ userId }: SessionView): Promise<Answer<EndedSessions>> {
  return callApi(addressOf(userId), { method: "DELETE" });
}

function addressOf(userId: string): string {
  return `/api/sessions/${encodeURIComponent(userId)}`;
}

function byNearness(one: SessionView, other: SessionView): number {
  if (one.current !== other.current) return one.current ? -1 : 1;
  return other.lastSeenAt.localeCompare(one.lastSeenAt);
}
