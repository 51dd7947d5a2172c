/** Five pages of a gallery. Two generations of them take about 4 MB. */
const GENERATION = 2_500;

/**
 * The links that this isolate has made. All lists of an hour have the same ones, and a signature costs more than all
 * else about a link. When a generation is full, the one before it is forgotten as a whole: taking out the oldest one by
 * one is slower than signing.
 */
export class RememberedLinks {
  #young = new Map<string, string>();
  #old = new Map<string, string>();

  get(claims: string): string | undefined {
    const path = this.#young.get(claims) ?? this.#old.get(claims);
    if (path !== undefined && !this.#young.has(claims)) this.set(claims, path);
    return path;
  }

  set(claims: string, path: string): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(claims, path);
  }
}
