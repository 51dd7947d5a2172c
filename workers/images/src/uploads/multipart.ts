import { drain } from "../../../../shared/http/drain.ts";
import type { Failure } from "../../../../shared/result.ts";
import { fileNameOf, parameterOf } from "../files/disposition.ts";

/** What a multipart body turns out to be, piece by piece. After `broken` nothing follows. */
export type MultipartEvent =
  | { kind: "part"; name: string | null; fileName: string | null }
  | { kind: "data"; bytes: Uint8Array }
  | { kind: "broken"; failure: Failure<"malformed_request" | "payload_too_large"> };

const PART_HEADERS_MAX_BYTES = 8 * 1024;
const PARTS_MAX = 20;
/** RFC 2046 §5.1.1: 1 to 70 characters of this set, the last no blank. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

const CR = 13;
const LF = 10;
const DASH = 45;
const HEADERS_END = new TextEncoder().encode("\r\n\r\n");

/** The boundary of a `multipart/form-data` content type, or null when it is none. */
export function boundaryOf(contentType: string | null): string | null {
  if (contentType === null || !/^multipart\/form-data\s*;/i.test(contentType)) return null;
  const boundary = parameterOf(contentType, "boundary");
  return boundary !== null && BOUNDARY.test(boundary) ? boundary : null;
}

/**
 * Reads a multipart body (RFC 7578, RFC 2046 §5.1) chunk by chunk. At most one chunk, one delimiter and one part's
 * headers are in memory.
 * @param maxBytes how long the whole body may be
 */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  maxBytes: number,
): AsyncGenerator<MultipartEvent, void> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    yield* readParts(new Lookahead(chunks, maxBytes), boundary, maxBytes);
  } finally {
    await drain(chunks, maxBytes);
  }
}

async function* readParts(input: Lookahead, boundary: string, maxBytes: number): AsyncGenerator<MultipartEvent, void> {
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  // The first delimiter has no line break of its own when nothing precedes it.
  input.unread(delimiter.subarray(0, 2));

  let found = await skipPast(input, delimiter);
  for (let parts = 0; found; parts++) {
    const line = await endOfDelimiter(input);
    if (line === "last") return;
    if (line === "broken") break;
    if (parts === PARTS_MAX) return yield malformed(`The body has more than ${PARTS_MAX} parts.`);
    const headers = await readHeaders(input);
    if (headers === null) break;
    yield { kind: "part", ...describePart(headers) };
    found = yield* readData(input, delimiter);
  }
  yield input.overflowed ? overlong(maxBytes) : malformed("The multipart body ends early or is not well formed.");
}

function malformed(detail: string): MultipartEvent {
  return { kind: "broken", failure: { code: "malformed_request", detail } };
}

function overlong(maxBytes: number): MultipartEvent {
  return {
    kind: "broken",
    failure: { code: "payload_too_large", detail: `The body is larger than ${maxBytes} bytes.` },
  };
}

/** Yields everything up to the delimiter and steps over it. @returns false when the body ends before. */
async function* readData(input: Lookahead, delimiter: Uint8Array): AsyncGenerator<MultipartEvent, boolean> {
  for (;;) {
    const at = input.find(delimiter);
    const safe = at >= 0 ? at : input.length - (delimiter.length - 1);
    if (safe > 0) yield { kind: "data", bytes: input.take(safe) };
    if (at >= 0) {
      input.take(delimiter.length);
      return true;
    }
    if (!(await input.more())) return false;
  }
}

async function skipPast(input: Lookahead, delimiter: Uint8Array): Promise<boolean> {
  const data = readData(input, delimiter);
  for (;;) {
    const step = await data.next();
    if (step.done) return step.value;
  }
}

/** After a delimiter: two dashes end the body; blanks and a line break, which stays unread, begin a part. */
async function endOfDelimiter(input: Lookahead): Promise<"part" | "last" | "broken"> {
  if (!(await input.atLeast(2))) return "broken";
  if (input.at(0) === DASH && input.at(1) === DASH) return "last";
  for (;;) {
    if (!(await input.atLeast(2))) return "broken";
    if (input.at(0) === CR && input.at(1) === LF) return "part";
    if (input.at(0) !== 32 && input.at(0) !== 9) return "broken";
    input.take(1);
  }
}

/** The headers of a part, from the line break before the first to the empty line. Null when they are too long. */
async function readHeaders(input: Lookahead): Promise<string[] | null> {
  for (;;) {
    const end = input.find(HEADERS_END);
    if (end > PART_HEADERS_MAX_BYTES || (end < 0 && input.length > PART_HEADERS_MAX_BYTES)) return null;
    if (end >= 0) {
      const text = new TextDecoder().decode(input.take(end));
      input.take(HEADERS_END.length);
      return text.split("\r\n");
    }
    if (!(await input.more())) return null;
  }
}

function describePart(headers: string[]): { name: string | null; fileName: string | null } {
  const disposition = headers.find((line) => /^content-disposition\s*:/i.test(line)) ?? "";
  return { name: parameterOf(disposition, "name"), fileName: fileNameOf(disposition) };
}

/** A window over a stream of chunks that can be searched. */
class Lookahead {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #maxBytes: number;
  #window: Uint8Array = new Uint8Array(0);
  #bytesRead = 0;

  constructor(chunks: AsyncIterator<Uint8Array>, maxBytes: number) {
    this.#chunks = chunks;
    this.#maxBytes = maxBytes;
  }

  /** Whether the stream was longer than it may be. */
  get overflowed(): boolean {
    return this.#bytesRead > this.#maxBytes;
  }

  get length(): number {
    return this.#window.length;
  }

  at(index: number): number | undefined {
    return this.#window[index];
  }

  /** Widens the window by one chunk. @returns false at the end of the stream, and where it becomes too long. */
  async more(): Promise<boolean> {
    const step = await this.#chunks.next();
    if (step.done) return false;
    this.#bytesRead += step.value.length;
    if (this.overflowed) return false;
    this.#window = joined(this.#window, step.value);
    return true;
  }

  async atLeast(length: number): Promise<boolean> {
    while (this.length < length) {
      if (!(await this.more())) return false;
    }
    return true;
  }

  take(length: number): Uint8Array {
    const taken = this.#window.subarray(0, length);
    this.#window = this.#window.subarray(length);
    return taken;
  }

  unread(bytes: Uint8Array): void {
    this.#window = joined(bytes, this.#window);
  }

  /** Where a pattern begins, or -1. Looks for its first byte by the engine's own search: that is what is fast. */
  find(pattern: Uint8Array): number {
    const [first = CR] = pattern;
    for (let at = this.#window.indexOf(first); at >= 0; at = this.#window.indexOf(first, at + 1)) {
      if (pattern.every((byte, offset) => this.#window[at + offset] === byte)) return at;
    }
    return -1;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
