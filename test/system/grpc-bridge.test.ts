import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createGrpcBridge, type GrpcBridge } from "../../scripts/lib/grpc-bridge.mjs";
import { NativeClient, refusalOf } from "./support/native-client.ts";
import { signal } from "./support/signal.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let door: http.Server;
let bridge: GrpcBridge;
let client: NativeClient;
let port: number;
let handle: Handler;

beforeEach(async () => {
  door = http.createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  bridge = createGrpcBridge({ host: "127.0.0.1", port: (door.address() as AddressInfo).port });
  port = await bridge.listen(0);
  client = new NativeClient(port, { authorization: "Bearer abc" });
});

afterEach(() => {
  client.close();
  bridge.close();
  door.closeAllConnections();
  door.close();
});

/** A frame of gRPC-Web: a message, or with the flag 0x80 the trailers. */
function frame(content: string | Buffer, flag = 0): Buffer {
  const bytes = Buffer.from(content);
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

const trailers = (text: string) => frame(text, 0x80);
const IN_ORDER = trailers("grpc-status: 0\r\n");
/** A ListImagesResponse with `next_page_token: "abc"`. */
const PAGE = frame(Buffer.from([0x12, 3, 0x61, 0x62, 0x63]));

function answer(response: ServerResponse, ...frames: Buffer[]): void {
  response.writeHead(200, { "Content-Type": "application/grpc-web+proto", "X-Request-Id": "one" });
  for (const bytes of frames) response.write(bytes);
  response.end();
}

function problem(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "Content-Type": "application/problem+json", "Retry-After": "3" });
  response.end(JSON.stringify({ title: "A title", detail: "A sentence with ü.", code, status }));
}

describe("the bridge for native gRPC clients", () => {
  test("hands calls on as gRPC-Web, with their metadata", async () => {
    handle = (request, response) => {
      expect(request.url).toBe("/halftone.images.v1.ImageDelivery/ListImages");
      expect(request.headers).toMatchObject({
        "content-type": "application/grpc-web",
        authorization: "Bearer abc",
        host: `localhost:${(door.address() as AddressInfo).port}`,
      });
      answer(response, PAGE, IN_ORDER);
    };
    expect(await client.unary("ListImages", {})).toMatchObject({ nextPageToken: "abc" });
  });

  test("finds the trailers wherever the answer is cut", async () => {
    handle = async (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/grpc-web+proto" });
      for (const byte of Buffer.concat([
        PAGE,
        trailers("Grpc-Status:5\r\ngrpc-message: gone%2C%20and%20a%C3%BC%C3%9Fen\r\n"),
      ])) {
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    };
    expect(await refusalOf(client.unary("ListImages", {}))).toMatchObject({
      status: "NOT_FOUND",
      details: "gone, and aüßen",
    });
  });

  test.each([
    [400, "INVALID_ARGUMENT"],
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "UNIMPLEMENTED"],
    [413, "RESOURCE_EXHAUSTED"],
    [429, "RESOURCE_EXHAUSTED"],
    [503, "UNAVAILABLE"],
    [504, "UNAVAILABLE"],
    [418, "UNKNOWN"],
  ])("turns the gateway's %i into %s, with its sentence and code", async (httpStatus, status) => {
    handle = (request, response) => {
      request.resume();
      problem(response, httpStatus, "some_code");
    };
    const refused = await refusalOf(client.unary("ListImages", {}));
    expect(refused).toEqual({ status, details: "A sentence with ü.", problem: "some_code" });
  });

  test("answers a client that is still sending, and ends its sending", async () => {
    const refusedEarly: Handler[] = [
      (_request, response) => answer(response, trailers("grpc-status: 8\r\nproblem-code: payload_too_large\r\n")),
      (_request, response) => problem(response, 413, "payload_too_large"),
    ];
    for (const early of refusedEarly) {
      handle = early;
      const { stream, answer: refused } = client.uploadStream(20_000);
      const sending = setInterval(() => stream.write({ chunk: Buffer.alloc(64 * 1024) }), 5);
      expect(await refusalOf(refused)).toMatchObject({ status: "RESOURCE_EXHAUSTED", problem: "payload_too_large" });
      clearInterval(sending);
    }
  });

  test("takes the trailers for the end, also where the answer's own end waits for that of the request", async () => {
    const ended = signal();
    handle = (request, response) => {
      response.writeHead(200, { "Content-Type": "application/grpc-web+proto" });
      response.write(trailers("grpc-status: 8\r\n"));
      request.resume().on("end", () => {
        ended.send();
        response.end();
      });
    };
    const { stream, answer: refused } = client.uploadStream(20_000);
    stream.write({ chunk: Buffer.alloc(1_000) });
    expect(await refusalOf(refused)).toMatchObject({ status: "RESOURCE_EXHAUSTED" });
    await ended.received;
  });

  test("tells the service when a client goes away", async () => {
    const begun = signal();
    const gone = signal();
    handle = (_request, response) => {
      response.on("close", gone.send);
      response.writeHead(200, { "Content-Type": "application/grpc-web+proto" });
      response.write(frame(""));
      begun.send();
    };
    const watching = client.watch("x");
    const messages = watching[Symbol.asyncIterator]();
    await messages.next();
    await begun.received;
    watching.cancel();
    await gone.received;
    expect(await refusalOf(messages.next())).toMatchObject({ status: "CANCELLED" });
  });

  test("tells the service when a deadline has passed", async () => {
    let isBegun = false;
    const gone = signal();
    handle = (request, response) => {
      isBegun = true;
      expect(request.headers["grpc-timeout"]).toMatch(/^\d+[mun]$/);
      response.on("close", gone.send);
    };
    // On a busy machine a deadline may pass before the call has left.
    for (let deadlineMs = 300; !isBegun; deadlineMs *= 2) {
      const refused = await refusalOf(client.unary("ListImages", {}, deadlineMs));
      expect(refused).toMatchObject({ status: "DEADLINE_EXCEEDED" });
    }
    await gone.received;
  });

  test("says what happened when an answer breaks off, ends early or does not come", async () => {
    handle = (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/grpc-web+proto" });
      response.write(PAGE.subarray(0, 3));
      setTimeout(() => response.destroy(), 50);
    };
    expect(await refusalOf(client.unary("ListImages", {}))).toMatchObject({ status: "UNAVAILABLE" });
    handle = (_request, response) => answer(response, PAGE);
    expect(await refusalOf(client.unary("ListImages", {}))).toMatchObject({ status: "INTERNAL" });
    handle = (request) => request.socket.destroy();
    expect(await refusalOf(client.unary("ListImages", {}))).toMatchObject({
      status: "UNAVAILABLE",
      details: "Halftone does not answer at the moment.",
    });
  });

  test("finishes the calls under way before it closes, and ends those that watch at once", async () => {
    const begun = signal();
    const goOn = signal();
    handle = async (request, response) => {
      response.writeHead(200, { "Content-Type": "application/grpc-web+proto" });
      response.write(frame(""));
      if (request.url?.endsWith("/WatchImage")) return;
      begun.send();
      await goOn.received;
      response.end(IN_ORDER);
    };
    const watching = refusalOf(client.watchAll("x"));
    const listing = client.unary("ListImages", {});
    await begun.received;
    const drained = bridge.drain(30_000);
    expect(await watching).toMatchObject({ status: "UNAVAILABLE" });
    goOn.send();
    expect(await listing).toBeTruthy();
    await drained;
    const late = new NativeClient(port);
    expect(await refusalOf(late.unary("ListImages", {}, 5_000))).toMatchObject({ status: "UNAVAILABLE" });
    late.close();
  });
});
