import { sealText, unsealText } from "../../../../shared/sealing.ts";

/** Changes when the derivation changes, so that one secret never yields the same key for two purposes. */
const PURPOSE = "halftone keyring v1";

/** Seals a private key. @param label bound to the result: it opens under the same label only */
export function seal(secret: string, label: string, text: string): Promise<ArrayBuffer> {
  return sealText({ secret, purpose: PURPOSE }, label, text);
}

/** The sealed text, or null when it was sealed under another secret or label, or is damaged. */
export function unseal(secret: string, label: string, sealed: ArrayBuffer): Promise<string | null> {
  return unsealText({ secret, purpose: PURPOSE }, label, sealed);
}
