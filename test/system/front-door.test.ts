import http, { type IncomingMessage, type ServerResponse } from "node:http";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFrontDoor, type FrontDoor } from "../../scripts/lib/front-door.mjs";
import { signal } from "./support/signal.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let gateway: http.Server;
let door: FrontDoor;
let url: string;
let handle: Handler;

beforeEach(async () => {
  gateway = http.createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  const address = gateway.address() as net.AddressInfo;
  door = createFrontDoor({ host: "127.0.0.1", port: address.port });
  url = `http://127.0.0.1:${await door.listen(0)}`;
});

afterEach(() => {
  door.close();
  gateway.closeAllConnections();
  gateway.close();
});

describe("the front door", () => {
  test("keeps the Host header and replaces an address that the client made up", async () => {
    handle = (request, response) => {
      response.end(JSON.stringify([request.headers.host, request.headers["cf-connecting-ip"]]));
    };
    const answer = await fetch(url, { headers: { "CF-Connecting-IP": "203.0.113.9" } });
    expect(await answer.json()).toEqual([new URL(url).host, "127.0.0.1"]);
  });

  test("passes an answer on while it is still being written", async () => {
    const goOn = signal();
    handle = async (_request, response) => {
      response.write("first");
      await goOn.received;
      response.end("second");
    };
    const reader = (await fetch(url)).body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("first");
    goOn.send();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("second");
  });

  test("passes on an answer that comes before the upload has ended", async () => {
    handle = (_request, response) => {
      response.writeHead(413).end("too large");
    };
    const upload = http.request(url, { method: "POST", headers: { "Content-Length": "1000000" } });
    upload.write("only the beginning");
    const status = await new Promise((resolve) => upload.on("response", (answer) => resolve(answer.statusCode)));
    expect(status).toBe(413);
    upload.destroy();
  });

  test("tells the gateway when a client goes away", async () => {
    const begun = signal();
    const gone = signal();
    handle = (_request, response) => {
      response.on("close", gone.send);
      begun.send();
    };
    const request = http.get(url);
    request.on("error", () => {});
    await begun.received;
    request.destroy();
    await gone.received;
  });

  test("joins the two ends of an upgraded connection", async () => {
    gateway.on("upgrade", (_request, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      socket.on("data", (data: Buffer) => socket.write(`heard ${data}`));
    });
    const client = net.connect(Number(new URL(url).port), "127.0.0.1");
    client.write("GET / HTTP/1.1\r\nHost: halftone\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    let heard = "";
    client.on("data", (data) => {
      heard += data;
      if (heard.endsWith("\r\n\r\n")) client.write("hello");
    });
    await expect.poll(() => heard).toContain("heard hello");
    expect(heard).toMatch(/^HTTP\/1\.1 101 /);
    client.destroy();
  });

  test("finishes the requests in flight before it closes, and accepts no others", async () => {
    const begun = signal();
    const goOn = signal();
    handle = async (_request, response) => {
      begun.send();
      await goOn.received;
      response.end("done");
    };
    const inFlight = fetch(url).then((answer) => answer.text());
    await begun.received;
    const drained = door.drain(30_000);
    await expect(fetch(url, { headers: { Connection: "close" } })).rejects.toThrow();
    goOn.send();
    expect(await inFlight).toBe("done");
    expect(await drained).toBe(0);
  });

  test("does not wait for streams of events, which never end", async () => {
    handle = (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write("data: hello\n\n");
    };
    const stream = (await fetch(url)).text().catch(() => "cut");
    expect(await door.drain(30_000)).toBe(0);
    expect(await stream).toBe("cut");
  });

  test("answers a client that is still sending when the gateway breaks off, and keeps the connection until all has come", async () => {
    handle = (request) => request.once("data", () => request.socket.destroy());
    const client = net.connect(Number(new URL(url).port), "127.0.0.1");
    let heard = "";
    client.on("data", (data) => {
      heard += data;
    });
    client.write("POST / HTTP/1.1\r\nHost: halftone\r\nContent-Length: 10\r\n\r\nfirst");
    await expect.poll(() => heard).toMatch(/^HTTP\/1\.1 503 [\s\S]*"code":"unavailable"/);
    handle = (_request, response) => response.end("well again");
    client.write("-rest");
    client.write("GET / HTTP/1.1\r\nHost: halftone\r\n\r\n");
    await expect.poll(() => heard).toContain("well again");
    client.destroy();
  });

  test("answers a problem document for a failure that the gateway did not write, and passes on one that it wrote", async () => {
    handle = (_request, response) => response.writeHead(500).end("Error: Network connection lost.");
    const lost = await fetch(url);
    expect([lost.status, lost.headers.get("Retry-After")]).toEqual([503, "2"]);
    expect(await lost.json()).toMatchObject({ code: "unavailable", status: 503 });
    handle = (_request, response) => response.writeHead(500, { "X-Request-Id": "one" }).end("its own");
    const own = await fetch(url);
    expect([own.status, await own.text()]).toEqual([500, "its own"]);
  });

  test("answers a problem document when the gateway is gone", async () => {
    gateway.close();
    const answer = await fetch(url);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: "unavailable", status: 503 });
  });
});
