import { fail, ok, type Result } from "../../../../shared/result.ts";
import { findMandatory, openEnvelope, versionOf } from "./envelope.ts";
import type { SoapVersion } from "./versions.ts";
import { readXml, type XmlElement } from "./xml.ts";

/** What became of a body that says it is SOAP. `version` is what the answer must be written in. */
export type Reading = { version: SoapVersion } & (
  | { outcome: "request"; request: XmlElement }
  | { outcome: "malformed"; detail: string }
  | { outcome: "wrong_version" }
  | { outcome: "not_understood"; headers: XmlElement[] }
);

/**
 * Reads a SOAP request of a stranger.
 * @param announced the version that its content type stands for; the envelope's own counts once it can be read
 * @param contentType as it came, for its charset
 */
export function readRequest(body: Uint8Array, announced: SoapVersion, contentType: string): Reading {
  const text = decode(body, contentType);
  if (!text.ok) return { version: announced, outcome: "malformed", detail: text.failure.detail };
  const root = readXml(text.value);
  if (!root.ok) return { version: announced, outcome: "malformed", detail: root.failure.detail };
  if (root.value.name !== "Envelope")
    return { version: announced, outcome: "malformed", detail: "Send a SOAP envelope." };

  const version = versionOf(root.value);
  if (version === null) return { version: announced, outcome: "wrong_version" };
  const envelope = openEnvelope(root.value, version);
  if (!envelope.ok) return { version, outcome: "malformed", detail: envelope.failure.detail };
  const { headers, request } = envelope.value;
  const mandatory = findMandatory(headers, version);
  if (mandatory.length > 0) return { version, outcome: "not_understood", headers: mandatory };
  return { version, outcome: "request", request };
}

/** Other encodings would need other readers, and have been used to hide things from them. */
function decode(body: Uint8Array, contentType: string): Result<string, "malformed_request"> {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? "utf-8";
  if (!/^(utf-8|us-ascii)$/i.test(charset)) return fail("malformed_request", "Send UTF-8.");
  try {
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return fail("malformed_request", "The body is not UTF-8.");
  }
}
