import { Webhook } from "standardwebhooks";

/**
 * The headers of a delivery as https://www.standardwebhooks.com has them: one signature for each secret, so that a
 * receiver may know either while a secret is replaced.
 * @param startedAt when the attempt began (Unix milliseconds); receivers refuse what is older than five minutes
 */
export function signedHeaders(
  secrets: readonly string[],
  id: string,
  startedAt: number,
  body: string,
): Record<string, string> {
  const at = new Date(startedAt);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(startedAt / 1_000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" "),
  };
}
