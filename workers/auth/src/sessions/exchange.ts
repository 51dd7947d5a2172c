import type { CredentialUse, ExchangedCredential } from "../../../../shared/contracts/rpc.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { UsersRepo } from "../accounts/users.repo.ts";
import { verifyRequestSignature } from "../api-keys/request-signature.ts";
import type { UserSessionsStub } from "../env.ts";
import type { TokenDeps } from "../login/sign-in.ts";
import type { User } from "../schema.ts";
import { EXCHANGED_FRESH_MS, EXCHANGED_TOKEN_MS } from "../signing/token-lives.ts";
import { signAccessToken } from "../signing/tokens.ts";
import { type Credential, hashCookieSecret, hashKeySecret, readCredential } from "./credentials.ts";

export interface ExchangeDeps extends TokenDeps {
  users: Pick<UsersRepo, "find">;
  sessionsOf(userId: string): Pick<UserSessionsStub, "useCookie" | "admitKey" | "spendNonce">;
}

type ExchangeFailure = "invalid_credential" | "invalid_signature";

/**
 * Trades a session cookie or an API key for a token that the services understand. What is wrong with a bad one is not
 * told. Somebody must exist before their object is asked: anybody can write down an id, and asking would make an object.
 */
export async function exchange(
  deps: ExchangeDeps,
  text: string,
  use: CredentialUse,
  now = Date.now(),
): Promise<Result<ExchangedCredential, ExchangeFailure>> {
  const credential = readCredential(text);
  const user = credential === null ? null : await deps.users.find(credential.userId);
  if (credential === null || user === null) return refused();
  if (credential.kind === "key") return exchangeKey(deps, credential, user, use, now);
  return exchangeCookie(deps, credential, user, now);
}

async function exchangeCookie(
  deps: ExchangeDeps,
  credential: Credential,
  user: User,
  now: number,
): Promise<Result<ExchangedCredential, ExchangeFailure>> {
  const { sessionId, secret } = credential;
  const secretHash = await hashCookieSecret(deps.refreshSecret, secret);
  const expiresAt = await deps.sessionsOf(user.id).useCookie(sessionId, secretHash, now);
  if (expiresAt === null) return refused();
  const subject = { userId: user.id, sessionId, role: user.role, credentialExpiresAt: expiresAt };
  return ok({
    accessToken: await signAccessToken(await deps.signingKey(), subject, EXCHANGED_TOKEN_MS, now),
    freshUntil: Math.min(now + EXCHANGED_FRESH_MS, expiresAt),
    expiresAt,
    userId: user.id,
    sessionId,
    everyRequest: false,
  });
}

/**
 * Trades an API key for a token that may do what the key was made for. A key that demands signed requests must come
 * with a good signature, and is looked at anew for every request.
 */
async function exchangeKey(
  deps: ExchangeDeps,
  { sessionId: keyId, secret }: Credential,
  user: User,
  use: CredentialUse,
  now: number,
): Promise<Result<ExchangedCredential, ExchangeFailure>> {
  const home = deps.sessionsOf(user.id);
  const key = await home.admitKey(keyId, await hashKeySecret(secret), now);
  if (key === null) return refused();

  const { publicKey, scopes, expiresAt } = key;
  if (publicKey !== null) {
    const signed = await verifyRequestSignature({ id: keyId, publicKey }, use, now);
    if (!signed.ok) return signed;
    // Only now: what nobody signed must not fill the memory of nonces.
    const isFirst = await home.spendNonce(keyId, signed.value.nonce, signed.value.until, now);
    if (!isFirst) return fail("invalid_signature", "A request with this nonce has come before.");
  }

  const subject = { userId: user.id, sessionId: keyId, role: user.role, scopes, credentialExpiresAt: expiresAt };
  return ok({
    accessToken: await signAccessToken(await deps.signingKey(), subject, EXCHANGED_TOKEN_MS, now),
    freshUntil: Math.min(now + EXCHANGED_FRESH_MS, expiresAt),
    expiresAt,
    userId: user.id,
    sessionId: keyId,
    everyRequest: publicKey !== null,
  });
}

function refused() {
  return fail("invalid_credential", "The cookie or the key opens nothing, or does so no more.");
}
