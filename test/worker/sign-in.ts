import { env } from "cloudflare:workers";
import { importJWK, SignJWT } from "jose";
import { ACCESS_TOKEN_TYPE, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../shared/http/access-token.ts";
import { newId } from "../../shared/ids.ts";
import type { TestEnv } from "./env.ts";

export interface Person {
  id: string;
  headers: { Authorization: string };
}

/** A signed-in person, as the stubbed auth would have let them in. */
export function signIn(role: "user" | "admin" = "user", id = newId(), life = "15m"): Promise<Person> {
  return signInWith(id, { role }, life);
}

/** Somebody's program, as it is let in by an API key with these scopes. */
export function signInByKey({ id }: Person, scopes: string[]): Promise<Person> {
  return signInWith(id, { role: "user", key: newId(), scope: scopes.join(" ") });
}

/** Somebody whose cookie or key runs out later than the token that it was traded for. */
export function signInBriefly(tokenLife: string, credentialExpiresAt: number): Promise<Person> {
  return signInWith(newId(), { role: "user", cred_exp: Math.floor(credentialExpiresAt / 1_000) }, tokenLife);
}

async function signInWith(id: string, claims: Record<string, string | number>, life = "15m"): Promise<Person> {
  const key = await importJWK((env as unknown as TestEnv).TEST_PRIVATE_JWK, "EdDSA");
  const token = await new SignJWT({ sid: newId(), ...claims })
    .setProtectedHeader({ alg: "EdDSA", typ: ACCESS_TOKEN_TYPE, kid: "test-key" })
    .setSubject(id)
    .setJti(newId())
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(life)
    .sign(key);
  return { id, headers: { Authorization: `Bearer ${token}` } };
}
