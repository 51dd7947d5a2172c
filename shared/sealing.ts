/** What a secret seals with. One secret never yields the same key for two purposes. */
export interface Sealer {
  secret: string;
  /** Such as `halftone keyring v1`: changes when the derivation changes. */
  purpose: string;
}

/** NIST SP 800-38D §8.2: 96 bits, random for every sealing. */
const IV_BYTES = 12;

const encoder = new TextEncoder();

async function sealingKey({ secret, purpose }: Sealer): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(purpose) };
  const cipher = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(derivation, material, cipher, false, ["encrypt", "decrypt"]);
}

/**
 * Encrypts a text with AES-256-GCM under a key derived from the secret (HKDF-SHA-256, RFC 5869).
 * @param label bound to the result: it opens under the same label only
 * @returns IV and ciphertext
 */
export async function sealText(sealer: Sealer, label: string, text: string): Promise<ArrayBuffer> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const cipher = { name: "AES-GCM", iv, additionalData: encoder.encode(label) };
  const encrypted = await crypto.subtle.encrypt(cipher, await sealingKey(sealer), encoder.encode(text));
  const sealed = new Uint8Array(IV_BYTES + encrypted.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(encrypted), IV_BYTES);
  return sealed.buffer;
}

/** The sealed text, or null when it was sealed under another secret or label, or is damaged. */
export async function unsealText(sealer: Sealer, label: string, sealed: ArrayBuffer): Promise<string | null> {
  const key = await sealingKey(sealer);
  const cipher = { name: "AES-GCM", iv: sealed.slice(0, IV_BYTES), additionalData: encoder.encode(label) };
  try {
    return new TextDecoder().decode(await crypto.subtle.decrypt(cipher, key, sealed.slice(IV_BYTES)));
  } catch {
    return null;
  }
}
