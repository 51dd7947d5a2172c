import { toHex } from "../../../../shared/hex.ts";

/** SHA-256 of bytes that come one chunk after the other, taken by the runtime itself and not in JavaScript. */
export class Sha256 {
  readonly #stream = new crypto.DigestStream("SHA-256");
  readonly #writer = this.#stream.getWriter();

  constructor() {
    // Where nobody comes for the digest, because the bytes broke off, its failure is no news.
    this.#stream.digest.catch(() => undefined);
  }

  /** Once this is done, the chunk's buffer may be used for something else. */
  async add(chunk: Uint8Array): Promise<void> {
    await this.#writer.write(chunk);
  }

  /** @returns 64 lower-case hexadecimal digits */
  async finish(): Promise<string> {
    await this.#writer.close();
    return toHex(new Uint8Array(await this.#stream.digest));
  }
}
