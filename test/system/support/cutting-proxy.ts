import { connect, createServer, type Socket } from "node:net";

/** A stretch of line to an address that breaks once. */
export interface CuttingProxy {
  /** The address in front of it. */
  url: string;
  /** How often it broke. */
  cuts(): number;
  close(): Promise<void>;
}

/** Passes connections on as they are, but breaks the first over which more than `bytes` come in. */
export async function startCuttingProxy(target: string, bytes: number): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let passed = 0;
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    upstream.pipe(client);
    client.pipe(upstream);
    client.on("data", (chunk) => {
      passed += chunk.length;
      if (cuts > 0 || passed <= bytes) return;
      cuts += 1;
      client.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cuts: () => cuts,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
