import { env } from "cloudflare:workers";
import type { AuthApi, ExchangedCredential } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import type { Env } from "../../../workers/gateway/src/env.ts";
import { signIn } from "../sign-in.ts";

/** The stub of auth behind the gateway, which learns what its credentials are worth. */
interface ScriptedAuth extends AuthApi {
  teach(credential: string, answer: Omit<ExchangedCredential, "freshUntil">): Promise<void>;
  revoke(sessionId: string): Promise<void>;
  setAway(isAway: boolean): Promise<void>;
  countExchanges(): Promise<number>;
}

export const auth = (env as unknown as Env).AUTH as unknown as ScriptedAuth;

/** @returns the claims of a token; `exp` in Unix seconds */
export function claimsOf(authorization: string): { sub: string; sid: string; exp: number } {
  return JSON.parse(atob(authorization.split(".")[1] ?? ""));
}

/** A cookie or key that the stub trades for a token. */
export async function credentialOf(
  kind: "cookie" | "key",
  everyRequest = false,
  userId = newId(),
  end: Pick<ExchangedCredential, "expiresAt"> = {},
) {
  const person = await signIn("user", userId);
  const { sid: sessionId } = claimsOf(person.headers.Authorization);
  const text = `${kind}.v1.${person.id}.${sessionId}.${newId()}`;
  const accessToken = person.headers.Authorization.replace("Bearer ", "");
  await auth.teach(text, { accessToken, userId: person.id, sessionId, everyRequest, ...end });
  return { text, sessionId, userId: person.id, bearer: person.headers.Authorization };
}
