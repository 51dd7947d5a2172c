import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestProject } from "vitest/node";

/** A POST as it came, and when (Unix milliseconds). */
export interface Received {
  headers: Record<string, string>;
  body: string;
  at: number;
}

/** How a receiver behaves, well or badly. */
const BEHAVIOURS: Record<string, (response: ServerResponse) => void> = {
  ok: (response) => response.end("thanks"),
  "status-500": (response) => response.writeHead(500, { "X-Request-Id": "r-1", "Set-Cookie": "a=b" }).end("it broke"),
  "status-503": (response) => response.writeHead(503, { "Retry-After": "3600" }).end(),
  "status-410": (response) => response.writeHead(410).end("gone"),
  redirect: (response) => response.writeHead(302, { Location: "/ok/redirected" }).end(),
  hang: () => {},
  reset: (response) => response.socket?.resetAndDestroy(),
  "break-off": (response) => {
    response.writeHead(200, { "Content-Length": "100" }).write("only this");
    setTimeout(() => response.socket?.resetAndDestroy(), 50);
  },
  drip: (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("."), 50);
    response.on("close", () => clearInterval(timer));
  },
  huge: (response) => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.writeHead(200, { "Content-Type": "text/html" }).on("drain", pour);
    pour();
  },
};

/**
 * Other people's server, with real sockets: `POST /<behaviour>/<box>`. `GET /inbox/<box>` tells what came into a box, and
 * `PUT /<behaviour>/<box>` has everything for it treated so from then on.
 */
export async function startReceiver(): Promise<{ url: string; close(): void }> {
  const inboxes = new Map<string, Received[]>();
  const behaviours = new Map<string, string>();
  const server: Server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const [, behaviour = "", box = ""] = (request.url ?? "").split("/");
    const body = await text(request);
    if (request.method === "GET") {
      response.end(JSON.stringify(inboxes.get(box) ?? []));
      return;
    }
    if (request.method === "PUT") {
      behaviours.set(box, behaviour);
      response.end();
      return;
    }
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    inboxes.set(box, [...(inboxes.get(box) ?? []), { headers, body, at: Date.now() }]);
    BEHAVIOURS[behaviours.get(box) ?? behaviour]?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

/** One receiver for all tests of the Worker, which run in workerd and cannot listen themselves. */
export default async function setUp(project: TestProject): Promise<() => void> {
  const receiver = await startReceiver();
  project.provide("receiverUrl", receiver.url);
  return receiver.close;
}

declare module "vitest" {
  interface ProvidedContext {
    receiverUrl: string;
  }
}
