import type { MetadataKind } from "../../../../shared/contracts/images.ts";
import type { Cut } from "./cuts.ts";
import type { Guide, Route, Sighting, Walk, Wish } from "./walk.ts";

/** Files of cameras and editors need a few cuts, and one that has bytes in its place. All of them travel in a link. */
const CUTS_MAX = 32;
const INSERTED_BYTES_MAX = 512;

/** A PNG of 50 MiB in pieces of 4 KiB takes 26,000. Millions of empty segments would only keep an isolate busy. */
const STEPS_MAX = 200_000;

/** What a file carries beside its picture. */
export interface Scanned {
  found: MetadataKind[];
  /** What is cut from it for others; null for a file in too many pieces: it must not leave. */
  cuts: Cut[] | null;
}

const NOTHING = new Uint8Array(0);
const FILL = 0xff;
const STUFFED = 0x00;
const RST0 = 0xd0;
const RST7 = 0xd7;

/** Leads a walk through a file whose chunks come one by one, and holds no more of them than the walk takes at once. */
export class Scan implements Guide {
  readonly #route: Route;
  readonly #walk: Walk;
  readonly #found = new Set<MetadataKind>();
  readonly #cuts: Cut[] = [];
  /** Null once the walk is over. */
  #wish: Wish | null = null;
  #steps = 0;
  #insertedBytes = 0;
  /** Whether the file is in too many pieces. */
  #gaveUp = false;
  /** What a `take` has so far. */
  #taken = NOTHING;
  /** How many bytes of the wish have come. */
  #served = 0;
  /** The byte before, for a marker that two chunks share. */
  #before = 0;
  #at = 0;
  #bytes = 0;

  constructor(route: Route) {
    this.#route = route;
    this.#walk = route.walk(this);
    this.#goOn(NOTHING);
  }

  /** How many bytes have come. */
  get bytes(): number {
    return this.#bytes;
  }

  get at(): number {
    return this.#at;
  }

  note({ found, ...cut }: Sighting): void {
    for (const kind of found) this.#found.add(kind);
    if (this.#gaveUp) return;
    const last = this.#cuts.at(-1);
    if (last !== undefined && last.offset + last.length === cut.offset) {
      this.#cuts[this.#cuts.length - 1] = joined(last, cut);
    } else {
      this.#cuts.push(cut);
    }
    this.#insertedBytes += cut.insert?.length ?? 0;
    this.#gaveUp = this.#cuts.length > CUTS_MAX || this.#insertedBytes > INSERTED_BYTES_MAX;
  }

  /** Looks at the next bytes of the file. Their buffer may be used again. */
  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    let rest = chunk;
    while (this.#wish !== null && rest.length > 0) rest = this.#serve(this.#wish, rest);
  }

  /** Says what was found, once all bytes have come. */
  finish(): Scanned {
    if (this.#wish !== null) {
      // A walk may look at the little that was left to take. What it wishes then does not come.
      this.#walk.next(this.#taken.subarray(0, this.#served));
      this.#wish = null;
    }
    const found = [...this.#found];
    if (this.#gaveUp) return { found, cuts: null };
    const cuts = this.#cuts.map((cut) => ({ ...cut, length: Math.min(cut.length, this.#bytes - cut.offset) }));
    return { found, cuts: [...(this.#route.mend?.(cuts, this.#bytes) ?? []), ...cuts] };
  }

  #goOn(answer: Uint8Array): void {
    this.#steps += 1;
    const step = this.#walk.next(answer);
    this.#gaveUp ||= this.#steps > STEPS_MAX;
    this.#wish = step.done || this.#steps > STEPS_MAX ? null : step.value;
    this.#served = 0;
    this.#taken = this.#wish?.kind === "take" ? new Uint8Array(this.#wish.bytes) : NOTHING;
    this.#before = this.#wish?.kind === "marker" ? this.#wish.after : 0;
  }

  /** @returns the bytes behind those that the wish took */
  #serve(wish: Wish, chunk: Uint8Array): Uint8Array {
    if (wish.kind === "marker") return this.#seekMarker(chunk);
    const used = Math.min(wish.bytes - this.#served, chunk.length);
    if (wish.kind === "take") this.#taken.set(chunk.subarray(0, used), this.#served);
    this.#served += used;
    this.#at += used;
    if (this.#served === wish.bytes) this.#goOn(this.#taken);
    return chunk.subarray(used);
  }

  /** Passes compressed data and stray bytes by: in them FF is followed by 00, or by a restart marker. */
  #seekMarker(chunk: Uint8Array): Uint8Array {
    let at = 0;
    for (;;) {
      if (this.#before !== FILL) at = chunk.indexOf(FILL, at) + 1 || chunk.length;
      const name = chunk[at];
      if (name === undefined) {
        this.#before = chunk.at(-1) ?? this.#before;
        this.#at += chunk.length;
        return NOTHING;
      }
      at += 1;
      this.#before = name;
      if (name === FILL || name === STUFFED || (name >= RST0 && name <= RST7)) continue;
      this.#at += at;
      this.#goOn(Uint8Array.of(name));
      return chunk.subarray(at);
    }
  }
}

function joined(first: Cut, second: Cut): Cut {
  const insert = Uint8Array.from([...(first.insert ?? []), ...(second.insert ?? [])]);
  const cut = { offset: first.offset, length: first.length + second.length };
  return insert.length === 0 ? cut : { ...cut, insert };
}
