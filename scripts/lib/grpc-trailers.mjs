// How gRPC says the end of a call: by HTTP trailers, which gRPC-Web puts into a last frame of the body.

import { Transform } from "node:stream";

export const OK = 0;
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
export const INTERNAL = 13;
export const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
const UNKNOWN = 2;

/** What an HTTP answer means that no gRPC service wrote, but the gateway in front of it. */
const STATUS_OF_HTTP = {
  400: INVALID_ARGUMENT,
  401: UNAUTHENTICATED,
  403: PERMISSION_DENIED,
  404: UNIMPLEMENTED,
  405: UNIMPLEMENTED,
  413: RESOURCE_EXHAUSTED,
  415: UNIMPLEMENTED,
  429: RESOURCE_EXHAUSTED,
  431: RESOURCE_EXHAUSTED,
  500: INTERNAL,
  502: UNAVAILABLE,
  503: UNAVAILABLE,
  504: UNAVAILABLE,
};

export function statusOfHttp(status) {
  return STATUS_OF_HTTP[status] ?? UNKNOWN;
}

/** The trailers of a call that ends here. */
export function ending(status, message, metadata = {}) {
  return { ...metadata, "grpc-status": String(status), "grpc-message": encodeMessage(message) };
}

/** As gRPC asks for, and no more: some clients do not undo the encoding of commas and their like. */
function encodeMessage(message) {
  return message.replaceAll(/[^ -~]|%/gu, encodeURIComponent);
}

function decodeMessage(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Flag and length of what follows. */
const FRAME_HEAD_BYTES = 5;
const TRAILER_FLAG = 0x80;
/** A service of ours says a sentence and a few words. */
const TRAILERS_MAX_BYTES = 64 * 1024;

/** Lets the messages of a gRPC-Web body pass and keeps the trailers at its end, which it says by `trailers`. */
export class TrailerFrame extends Transform {
  /** Null until they have come. */
  trailers = null;
  #head = Buffer.alloc(0);
  /** How much of the present frame is still to come. */
  #left = 0;
  #isTrailer = false;
  #text = "";

  _transform(chunk, _encoding, done) {
    for (let rest = chunk; rest.length > 0; ) rest = this.#left > 0 ? this.#takeContent(rest) : this.#takeHead(rest);
    done(this.#text.length > TRAILERS_MAX_BYTES ? new Error("The trailers are too long.") : null);
  }

  #takeHead(bytes) {
    const missing = FRAME_HEAD_BYTES - this.#head.length;
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, missing)]);
    if (this.#head.length === FRAME_HEAD_BYTES) {
      this.#isTrailer = (this.#head[0] & TRAILER_FLAG) !== 0;
      this.#left = this.#head.readUInt32BE(1);
      if (!this.#isTrailer) this.push(this.#head);
      else if (this.#left === 0) this.#finish();
      this.#head = Buffer.alloc(0);
    }
    return bytes.subarray(missing);
  }

  #finish() {
    this.trailers = readTrailers(this.#text);
    this.emit("trailers");
  }

  #takeContent(bytes) {
    const content = bytes.subarray(0, this.#left);
    this.#left -= content.length;
    if (!this.#isTrailer) this.push(content);
    else {
      this.#text += content.toString("latin1");
      if (this.#left === 0) this.#finish();
    }
    return bytes.subarray(content.length);
  }
}

function readTrailers(text) {
  const trailers = {};
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const message = trailers["grpc-message"];
  if (message !== undefined) trailers["grpc-message"] = encodeMessage(decodeMessage(message));
  return trailers;
}
