import type { SignedIn } from "../../../../shared/contracts/users.ts";
import type { Answer } from "../../api/answer.ts";
import { fetchJson } from "../../api/fetch-json.ts";

export interface Credentials {
  email: string;
  password: string;
}

export function register(credentials: Credentials): Promise<Answer<SignedIn>> {
  return fetchJson("/api/auth/register", { method: "POST", body: credentials });
}

export function login(credentials: Credentials): Promise<Answer<SignedIn>> {
  return fetchJson("/api/auth/login", { method: "POST", body: credentials });
}
