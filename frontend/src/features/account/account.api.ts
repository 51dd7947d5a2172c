import type { ErasureView, ExportView } from "../../../../shared/contracts/personal-data.ts";
import type {
  PasswordChange,
  PasswordChanged,
  SignedInByCookie,
  UserView,
} from "../../../../shared/contracts/users.ts";
import type { Answer } from "../../api/answer.ts";
import { callApi } from "../../api/call.ts";
import { fetchJson } from "../../api/fetch-json.ts";

export interface Credentials {
  email: string;
  password: string;
}

/** The session becomes a cookie, and no token ever reaches this page (C6). */
const COOKIE_MODE = { "X-Session-Mode": "cookie" };

export function register(credentials: Credentials): Promise<Answer<SignedInByCookie>> {
  return fetchJson("/api/auth/register", { method: "POST", headers: COOKIE_MODE, body: credentials });
}

export function login(credentials: Credentials): Promise<Answer<SignedInByCookie>> {
  return fetchJson("/api/auth/login", { method: "POST", headers: COOKIE_MODE, body: credentials });
}

export function readProfile(): Promise<Answer<UserView>> {
  return callApi("/api/users/me");
}

export function changePassword(change: PasswordChange): Promise<Answer<PasswordChanged>> {
  return callApi("/api/users/me/password", { method: "POST", body: change });
}

export function eraseAccount(currentPassword: string): Promise<Answer<ErasureView>> {
  return callApi("/api/users/me", { method: "DELETE", body: { currentPassword } });
}

export function startExport(): Promise<Answer<ExportView>> {
  return callApi("/api/users/me/export", { method: "POST" });
}

export function readExport(id: string): Promise<Answer<ExportView>> {
  return callApi(`/api/exports/${encodeURIComponent(id)}`);
}
