import { appendFileSync, readFileSync } from "node:fs";

/** What a client asks for. */
export type Kind = "order" | "photo" | "file";

/** Something that was sent: its name is its own, and stands in the row that becomes of it. */
export interface Sent {
  kind: Kind;
  name: string;
  /** The id that the answer gave; null where no answer said that it was done. */
  id: string | null;
  /** Where a resumable upload goes on. */
  path?: string;
}

/**
 * What the clients know, in a file of their own: a line before each request, and one for each acknowledgement before
 * anything counts it. What was sent and not acknowledged may have been done or not, but never by half.
 */
export class Journal {
  readonly #file: string;
  #named = 0;
  #acknowledged = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** How many have been acknowledged so far. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Notes that something is about to be sent. @returns its name */
  sending(kind: Kind): string {
    this.#named += 1;
    const name = `${kind}-${this.#named}`;
    this.#write({ kind, name, id: null });
    return name;
  }

  /** Notes where a resumable upload goes on, before its bytes are sent. */
  begun(name: string, path: string): void {
    this.#write({ kind: "file", name, id: null, path });
  }

  acknowledge(kind: Kind, name: string, id: string): void {
    this.#write({ kind, name, id });
    this.#acknowledged += 1;
  }

  /** Everything that was sent, as the file tells it. */
  read(): Sent[] {
    const lines = readFileSync(this.#file, "utf8").trim().split("\n");
    const sent = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Sent);
    return [...new Map(sent.map((one) => [one.name, one])).values()];
  }

  #write(line: Sent): void {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}
