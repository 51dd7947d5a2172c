export interface FrontDoor {
  /** Listens on the loopback addresses, on any free port for 0, and says which. */
  listen(port: number): Promise<number>;
  /** Stops accepting and waits for the requests in flight; says how many had to be cut. */
  drain(limitMs: number): Promise<number>;
  /** Cuts everything at once and says how much that was. */
  close(): number;
}

export function createFrontDoor(gateway: { host: string; port: number }): FrontDoor;
