/** What clients prove themselves with, in lower case. It ends here: services see access tokens only. */
export const CREDENTIAL_HEADERS = ["authorization", "cookie", "x-api-key"];

/** Somebody whose credential is good, as the services will know them. */
export interface Identity {
  userId: string;
  sessionId: string;
  /** The API key that was shown, null for a person's own session. */
  keyId: string | null;
  /** The one credential that travels on. */
  accessToken: string;
  /** When what the caller has shown runs out, Unix milliseconds; null where an older auth has not said. */
  expiresAt: number | null;
  /** Whether this request carried a good signature of its own, which its body has yet to be held to. */
  everyRequest: boolean;
}
