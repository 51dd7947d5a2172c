/** Tokens that an isolate remembers; more are forgotten, the oldest first. With their claims about two megabytes. */
const VERIFIED_MAX = 2_000;

/**
 * Tokens that were found good by one key set. Only good ones are remembered, by their whole text, so that nothing but
 * the very same token passes. Revocation is no part of it: the gateway looks at that with every request.
 */
export class VerifiedTokens<Claims> {
  readonly #claims = new Map<string, Claims>();

  find(token: string): Claims | undefined {
    return this.#claims.get(token);
  }

  remember(token: string, claims: Claims): void {
    const [oldest] = this.#claims.keys();
    if (this.#claims.size >= VERIFIED_MAX && oldest !== undefined) this.#claims.delete(oldest);
    this.#claims.set(token, claims);
  }

  forget(token: string): void {
    this.#claims.delete(token);
  }
}
