import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from "jose";

/** A signing key for one run of the Worker tests: the private half signs in the test, the public half is the stubbed auth's. */
export async function testKeys(): Promise<{ privateJwk: JWK; jwks: JSONWebKeySet }> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const kid = "test-key";
  const privateJwk = { ...(await exportJWK(privateKey)), kid };
  return { privateJwk, jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: "EdDSA", use: "sig" }] } };
}
