export interface GrpcBridge {
  /** Listens on the loopback addresses, on any free port for 0, and says which. */
  listen(port: number): Promise<number>;
  /** Takes no more calls and waits for those under way, at most so long. */
  drain(limitMs: number): Promise<void>;
  /** Cuts everything at once. */
  close(): void;
}

export function createGrpcBridge(door: { host: string; port: number }): GrpcBridge;
