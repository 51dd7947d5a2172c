import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What somebody's server is told of. */
export const TOLD_OF = ["order.created", "file.uploaded", "image.uploaded", "image.completed"];

/** An event as it came. */
export interface Told {
  /** What a receiver recognises a repetition by. */
  id: string;
  type: string;
  resource: string;
}

/**
 * Somebody's server, which lives on while everything is killed. As long as it hangs, nobody knows what it was told; from
 * then on it takes everything.
 */
export class Receiver {
  /** Everything it took, in the order in which it came, repetitions too. */
  readonly took: Told[] = [];
  readonly #hanging: ServerResponse[] = [];
  readonly #server: Server;
  #isWell = false;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const body = await text(request).catch(() => null);
      if (body === null) return;
      if (!this.#isWell) {
        this.#hanging.push(response);
        return;
      }
      const { type, resource } = JSON.parse(body) as Told;
      this.took.push({ id: String(request.headers["webhook-id"]), type, resource });
      response.writeHead(204).end();
    });
  }

  /** @returns its address */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** How many wait for an answer that never comes. */
  get hanging(): number {
    return this.#hanging.length;
  }

  recover(): void {
    this.#isWell = true;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
