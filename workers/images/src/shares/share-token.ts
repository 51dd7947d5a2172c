import { toHex } from "../../../../shared/hex.ts";

/** 160 random bits: nobody guesses one, and the address stays short. */
const TOKEN_BYTES = 20;
const TOKEN = new RegExp(`^[0-9a-f]{${TOKEN_BYTES * 2}}$`);

export function newToken(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
}

/** Whether a text has the form of a token. Nothing else ever reaches a query. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** What is kept of a token. It is as random as the hash is long, so it needs no salt. */
export async function hashToken(token: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));
}
