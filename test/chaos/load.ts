import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../system/support/client.ts";
import { makePhoto } from "../system/support/photo.ts";
import type { Journal } from "./journal.ts";

/** How many ask at the same time, and for what. Orders are cheap; photos keep the resizer busy from kill to kill. */
const ASKERS = [...Array<Ask>(9).fill(placeOrder), sendPhoto, sendResumable];
/** The longest that somebody waits between two requests. */
const PAUSE_MS = 60;
/** Where the machine is down for a moment, nobody hammers on it. */
const REFUSED_PAUSE_MS = 200;
const SMALL = { width: 320, height: 240 };
/** Takes long enough that a kill often finds it under way. */
const LARGE = { width: 2000, height: 1500 };
const LARGE_SHARE = 0.1;
/** So often the same bytes come again: equal files have one object between them. */
const AGAIN_SHARE = 0.1;
export const FILE_BYTES = 50_000;

/** What the load takes from outside. */
export interface LoadDeps {
  people: Client[];
  journal: Journal;
  photos: Photos;
  random: () => number;
  /** Orders whose answer was cut off: they are sent again under the same key, by whom they were sent. */
  unheard: UnheardOrder[];
}

interface UnheardOrder {
  client: Client;
  name: string;
}

type Ask = (client: Client, deps: LoadDeps) => Promise<void>;

/** Asks until the signal says that everything is about to be killed. Resolves when no request is under way any more. */
export async function load(deps: LoadDeps, signal: AbortSignal): Promise<void> {
  const asking = ASKERS.map(async (ask, index) => {
    const client = deps.people[index % deps.people.length];
    if (client === undefined) throw new Error("Nobody is there to ask.");
    while (!signal.aborted) {
      // Without an answer nobody knows whether it was done; that is for the verdict.
      const isAnswered = await ask(client, deps).then(
        () => true,
        () => false,
      );
      await sleep(isAnswered ? deps.random() * PAUSE_MS : REFUSED_PAUSE_MS);
    }
  });
  await Promise.all(asking);
}

/** Sends an order, or once more one that nobody heard the answer of. */
async function placeOrder(person: Client, { journal, unheard }: LoadDeps): Promise<void> {
  const order = unheard.shift() ?? { client: person, name: journal.sending("order") };
  try {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": order.name };
    const body = JSON.stringify({ product: order.name, quantity: 2, price: 9.99 });
    const { id } = await order.client.json<{ id: string }>("/api/orders", { method: "POST", headers, body });
    journal.acknowledge("order", order.name, id);
  } catch (error) {
    unheard.push(order);
    throw error;
  }
}

async function sendPhoto(client: Client, { journal, photos }: LoadDeps): Promise<void> {
  const name = journal.sending("photo");
  const { id } = await client.uploadPhoto(photos.next(), name);
  journal.acknowledge("photo", name, id);
}

/** A resumable upload: begun by one request, and done by the next. */
async function sendResumable(client: Client, { journal, random }: LoadDeps): Promise<void> {
  const name = journal.sending("file");
  const bytes = new Uint8Array(FILE_BYTES).fill(random() * 256);
  bytes.set(new TextEncoder().encode(name));
  const tus = { "Tus-Resumable": "1.0.0" };
  const asked = { "Upload-Length": `${FILE_BYTES}`, "Upload-Metadata": `filename ${btoa(name)}` };
  const begun = await client.fetch("/api/uploads", { method: "POST", headers: { ...tus, ...asked } });
  const path = begun.headers.get("Location");
  if (path === null) throw new Error(`An upload answered ${begun.status}.`);
  journal.begun(name, path);
  const headers = { ...tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" };
  const id = (await client.fetch(path, { method: "PATCH", headers, body: bytes })).headers.get("X-File-Id");
  if (id === null) throw new Error("An upload did not become a file.");
  journal.acknowledge("file", name, id);
}

/** Photos without end, nearly all of them different. */
export class Photos {
  readonly #small: Buffer;
  readonly #large: Buffer;
  readonly #random: () => number;
  #made = 0;
  #last: Buffer;

  private constructor(small: Buffer, large: Buffer, random: () => number) {
    this.#small = small;
    this.#large = large;
    this.#random = random;
    this.#last = small;
  }

  static async prepare(random: () => number): Promise<Photos> {
    return new Photos(await makePhoto(SMALL), await makePhoto(LARGE), random);
  }

  next(): Buffer {
    if (this.#random() < AGAIN_SHARE) return this.#last;
    this.#made += 1;
    this.#last = withComment(this.#random() < LARGE_SHARE ? this.#large : this.#small, `${this.#made}`);
    return this.#last;
  }
}

/** Another file with the same picture: a JPEG's comment may stand right behind its first marker (ISO/IEC 10918-1, B.2.4.5). */
function withComment(jpeg: Buffer, comment: string): Buffer {
  const length = comment.length + 2;
  const segment = Buffer.concat([Buffer.from([0xff, 0xfe, length >> 8, length & 0xff]), Buffer.from(comment)]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
