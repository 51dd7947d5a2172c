import type { CreatedKey, KeyView, NewKey } from "../../../../shared/contracts/keys.ts";
import { keyScopesOf } from "../../../../shared/contracts/permissions.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { FieldError } from "../../../../shared/http/problem.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { User } from "../schema.ts";
import { hashKeySecret, newSecret, writeCredential } from "../sessions/credentials.ts";
import type { ApiKey } from "./api-keys.repo.ts";
import type { KeyDraft } from "./key-book.ts";
import { readPublicKey } from "./request-signature.ts";

const DAY_MS = 86_400_000;
/** A key that nobody remembers must not open anything for ever. */
const DEFAULT_LIFETIME_MS = 90 * DAY_MS;
const LONGEST_LIFETIME_MS = 366 * DAY_MS;

interface CreateKeyDeps {
  createKey(userId: string, draft: KeyDraft, origin: EventOrigin): Promise<Result<ApiKey, "limit_reached">>;
}

/** What of a new key cannot be, for a user with this role. Empty when it can be made. */
export async function keyErrors({ role }: User, input: NewKey, now = Date.now()): Promise<FieldError[]> {
  const allowed = keyScopesOf(role);
  const errors = input.scopes.flatMap((scope, index) =>
    allowed.includes(scope) ? [] : [{ path: `scopes.${index}`, message: "a key of this user cannot have this scope" }],
  );
  const expiresAt = expiryOf(input, now);
  if (expiresAt <= now || expiresAt > now + LONGEST_LIFETIME_MS) {
    const path = input.expiresIn === undefined ? "expiresAt" : "expiresIn";
    errors.push({ path, message: "must be in the future and at most 366 days ahead" });
  }
  if (input.publicKey !== undefined && (await readPublicKey(input.publicKey)) === null) {
    errors.push({ path: "publicKey", message: "must be an Ed25519 public key in PEM" });
  }
  return errors;
}

/** Makes an API key for a user. Its secret is in the answer and nowhere else. */
export async function createKey(
  deps: CreateKeyDeps,
  actor: Actor,
  user: User,
  input: NewKey,
): Promise<Result<CreatedKey, "limit_reached">> {
  const secret = newSecret();
  const draft: KeyDraft = {
    name: input.name,
    scopes: [...new Set(input.scopes)],
    secretHash: await hashKeySecret(secret),
    publicKey: input.publicKey === undefined ? null : await readPublicKey(input.publicKey),
    expiresAt: expiryOf(input, Date.now()),
  };
  const created = await deps.createKey(user.id, draft, actor);
  if (!created.ok) return created;
  const key = writeCredential("key", user.id, created.value.id, secret);
  return ok({ ...viewKey(user.id, created.value), key });
}

function expiryOf({ expiresIn, expiresAt }: NewKey, now: number): number {
  if (expiresAt !== undefined) return Date.parse(expiresAt);
  return now + (expiresIn ?? DEFAULT_LIFETIME_MS);
}

export function viewKey(userId: string, key: ApiKey): KeyView {
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    id: key.id,
    userId,
    name: key.name,
    scopes: key.scopes,
    requireSignature: key.publicKey !== null,
    createdAt: iso(key.createdAt),
    expiresAt: iso(key.expiresAt),
    lastUsedAt: key.lastUsedAt === null ? null : iso(key.lastUsedAt),
  };
}
