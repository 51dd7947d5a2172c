import type { CreatedKey, KeyView } from "../../../../shared/contracts/keys.ts";
import type { Permission } from "../../../../shared/contracts/permissions.ts";
import type { Answer } from "../../api/answer.ts";
import { callApi } from "../../api/call.ts";
import { createResource } from "../../api/resource.ts";

/** The person's API keys, newest first. */
export const keys = createResource<KeyView[]>(() => callApi("/api/keys"));

export interface KeyDraft {
  name: string;
  scopes: Permission[];
  /** A number and a unit, such as `90d`. */
  expiresIn: string;
}

export function createKey(draft: KeyDraft): Promise<Answer<CreatedKey>> {
  return callApi("/api/keys", { method: "POST", body: draft });
}

export function endKey(id: string): Promise<Answer<null>> {
  return callApi(`/api/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
}
