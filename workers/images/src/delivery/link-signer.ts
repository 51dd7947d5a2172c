import {
  BLOCK_BYTES,
  digitsOf,
  roomFor,
  startSha256,
  takeBlock,
  takeDigest,
  takeEnd,
  writeDigest,
} from "./sha256-blocks.ts";

/** What RFC 2104 mixes into the key. */
const INNER = 0x36;
const OUTER = 0x5c;
/** Two blocks: the links to one photo are the same so far, in its id, their end and the folder of their keys. */
const HEAD_BYTES = 128;
/** Enough for nearly all links. A longer one makes more. */
const ROOM_BYTES = 1_024;

const encoder = new TextEncoder();

/**
 * HMAC-SHA-256 by one secret, without a promise: a page of a gallery has 500 signatures, and to call Web Crypto takes
 * longer than to compute one. For signing alone: what others bring is compared by Web Crypto, in constant time.
 */
export class LinkSigner {
  /** The states of both hashes once they have taken the key. */
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  /** How the text before this one began, and the state behind that. */
  #head = "";
  readonly #behindHead: Int32Array;
  /** What signatures are made in, one after the other: memory for each would cost as much again. */
  readonly #digest = startSha256();
  readonly #signature = startSha256();
  #room = new Uint8Array(ROOM_BYTES);

  constructor(secret: string) {
    const key = keyOf(secret);
    this.#inner = stateBehind(key.map((byte) => byte ^ INNER));
    this.#outer = stateBehind(key.map((byte) => byte ^ OUTER));
    this.#behindHead = this.#inner.slice();
  }

  /**
   * @param text in ASCII
   * @returns its signature in lower-case hexadecimal digits
   */
  sign(text: string): string {
    const needed = roomFor(text.length);
    if (this.#room.length < needed) this.#room = new Uint8Array(needed);
    encoder.encodeInto(text, this.#room);
    const head = text.length < HEAD_BYTES ? "" : text.slice(0, HEAD_BYTES);
    if (head !== this.#head) this.#takeHead(head);
    this.#digest.set(this.#behindHead);
    takeEnd(this.#digest, this.#room, text.length, head.length, BLOCK_BYTES);
    this.#signature.set(this.#outer);
    takeDigest(this.#signature, this.#digest);
    return digitsOf(this.#signature);
  }

  /** Of the text in the room. */
  #takeHead(head: string): void {
    this.#head = head;
    this.#behindHead.set(this.#inner);
    for (let start = 0; start < head.length; start += BLOCK_BYTES) takeBlock(this.#behindHead, this.#room, start);
  }
}

/** A secret as one block: one that is longer is digested. */
function keyOf(secret: string): Uint8Array {
  const bytes = encoder.encode(secret);
  const key = new Uint8Array(BLOCK_BYTES);
  if (bytes.length <= BLOCK_BYTES) {
    key.set(bytes);
    return key;
  }
  const room = new Uint8Array(roomFor(bytes.length));
  room.set(bytes);
  const state = startSha256();
  takeEnd(state, room, bytes.length, 0, 0);
  writeDigest(state, key);
  return key;
}

function stateBehind(block: Uint8Array): Int32Array {
  const state = startSha256();
  takeBlock(state, block, 0);
  return state;
}
