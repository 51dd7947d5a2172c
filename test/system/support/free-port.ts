import { createServer } from "node:net";

/**
 * Below what systems give to outgoing connections and to whoever listens on port 0: there a port that was free a moment
 * ago may be anybody's when it is used.
 */
const LOWEST = 10_000;
const HIGHEST = 30_000;

/** A port that nobody listens on at the moment, and that nobody is given without asking for it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
