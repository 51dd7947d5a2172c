/** A request as its signature sees it. */
export interface UnsignedRequest {
  method: string;
  url: string;
  body?: string | Uint8Array<ArrayBuffer>;
}

/** What a test signs otherwise than a good client would. */
export interface SigningOptions {
  keyid?: string;
  /** Unix seconds. */
  created?: number;
  nonce?: string;
  alg?: string;
  covered?: string[];
  contentDigest?: string;
}

function base64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

/** An Ed25519 pair, its public half in PEM as `openssl pkey -pubout` writes it. */
export async function newKeyPair(): Promise<{ privateKey: CryptoKey; publicKey: string }> {
  const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"])) as CryptoKeyPair;
  const spki = (await crypto.subtle.exportKey("spki", pair.publicKey)) as ArrayBuffer;
  return {
    privateKey: pair.privateKey,
    publicKey: `-----BEGIN PUBLIC KEY-----\n${base64(spki)}\n-----END PUBLIC KEY-----\n`,
  };
}

export async function contentDigest(body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return `sha-256=:${base64(await crypto.subtle.digest("SHA-256", bytes))}:`;
}

/** The headers that sign a request (RFC 9421, RFC 9530), made from the text of the standards and of no library. */
export async function signRequest(
  keyId: string,
  privateKey: CryptoKey,
  request: UnsignedRequest,
  options: SigningOptions = {},
): Promise<Record<string, string>> {
  const { pathname, search } = new URL(request.url);
  const digest = options.contentDigest ?? (request.body === undefined ? undefined : await contentDigest(request.body));
  const values: Record<string, string> = {
    "@method": request.method,
    "@path": pathname,
    "@query": search === "" ? "?" : search,
    ...(digest !== undefined && { "content-digest": digest }),
  };
  const { keyid = keyId, nonce = crypto.randomUUID(), alg, covered = Object.keys(values) } = options;
  const created = options.created ?? Math.floor(Date.now() / 1_000);
  const algorithm = alg === undefined ? "" : `;alg="${alg}"`;
  const components = covered.map((name) => `"${name}"`).join(" ");
  const parameters = `(${components});created=${created};nonce="${nonce}";keyid="${keyid}"${algorithm}`;
  const lines = covered.map((name) => `"${name}": ${values[name]}`);
  const base = [...lines, `"@signature-params": ${parameters}`].join("\n");
  const signature = await crypto.subtle.sign({ name: "Ed25519" }, privateKey, new TextEncoder().encode(base));
  return {
    ...(digest !== undefined && { "Content-Digest": digest }),
    "Signature-Input": `sig=${parameters}`,
    Signature: `sig=:${base64(signature)}:`,
  };
}
