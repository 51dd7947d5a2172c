// The one door to a local copy: a streaming HTTP proxy in front of the gateway. `wrangler dev` cannot finish the
// requests in flight before it stops, nor listen on several ports; this can.

import { randomUUID } from "node:crypto";
import http from "node:http";
import net from "node:net";
import { listenOnLoopback } from "./loopback.mjs";

/** How long the rest of an upload is read and thrown away after an early answer, so that the client gets to read it. */
const LINGER_MS = 10_000;
/** How long a request that was sent before the stop may take to arrive. */
const ARRIVAL_MS = 100;
/** How often a draining door looks whether all is finished. */
const DRAIN_CHECK_MS = 50;
/** As much as Cloudflare's edge lets through, so that it is the gateway that refuses too much. */
const HEAD_MAX_BYTES = 128 * 1024;
/** Headers that speak of one connection only (RFC 9110 section 7.6.1) and are made anew for the other side. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "upgrade"]);

/**
 * @param {{ host: string, port: number }} gateway
 * @returns a door that is not listening yet
 */
export function createFrontDoor(gateway) {
  const servers = [];
  /** What is under way: a function that cuts it, and whether it ends by itself. */
  const underWay = new Set();
  let draining = false;

  function onRequest(request, response) {
    if (draining) {
      response.setHeader("Connection", "close");
      answerProblem(response, "shutting_down", "Halftone is stopping.");
      return;
    }
    const exchange = { endless: false, cut: () => response.destroy() };
    underWay.add(exchange);
    response.on("close", () => underWay.delete(exchange));
    forward(gateway, request, response, exchange);
  }

  function onUpgrade(request, socket, head) {
    const exchange = { endless: true, cut: () => socket.destroy() };
    underWay.add(exchange);
    socket.on("close", () => underWay.delete(exchange));
    tunnel(gateway, request, socket, head);
  }

  function openServer() {
    const server = http.createServer(
      { keepAliveTimeout: 65_000, requestTimeout: 0, maxHeaderSize: HEAD_MAX_BYTES },
      onRequest,
    );
    server.on("upgrade", onUpgrade);
    return server;
  }

  return {
    /**
     * Listens on the loopback addresses.
     * @param {number} port 0 for any free one
     * @returns {Promise<number>} the port
     * @throws {Stop} when the port is taken
     */
    async listen(port) {
      const opened = await listenOnLoopback(openServer, port);
      servers.push(...opened.servers);
      return opened.port;
    },

    /**
     * Stops accepting and waits for the requests in flight; streams that never end by themselves are closed at once.
     * @param {number} limitMs
     * @returns {Promise<number>} how many requests had to be cut
     */
    async drain(limitMs) {
      // Listening ends first and alone; http's own close would also cut connections whose request is just arriving.
      for (const server of servers) net.Server.prototype.close.call(server);
      await pause(ARRIVAL_MS);
      draining = true;
      for (const server of servers) server.closeIdleConnections();
      const deadline = Date.now() + limitMs;
      do {
        // Again and again: an answer may turn out to be such a stream only now.
        for (const exchange of underWay) if (exchange.endless) exchange.cut();
        await pause(DRAIN_CHECK_MS);
      } while (underWay.size > 0 && Date.now() < deadline);
      return this.close();
    },

    /** Cuts everything at once. */
    close() {
      const cut = underWay.size;
      for (const exchange of underWay) exchange.cut();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      return cut;
    },
  };
}

/** Passes one request to the gateway and its answer back, neither of them buffered. */
function forward(gateway, request, response, exchange) {
  const upstream = http.request({
    ...gateway,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request),
    // A fresh connection for each request: one that the other side is just closing would lose the request.
    agent: false,
  });
  let answered = false;

  upstream.on("response", (answer) => {
    answered = true;
    if (isNobodysAnswer(answer)) {
      answer.resume();
      answerProblem(response, "unavailable", "Halftone does not answer at the moment.");
      return;
    }
    exchange.endless = isEndless(request.url, answer.headers["content-type"] ?? "");
    response.sendDate = false;
    response.writeHead(answer.statusCode, answer.statusMessage, endToEndHeaders(answer.rawHeaders));
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  upstream.on("error", () => {
    // Once the answer has begun, its own stream tells whether it broke; a failed rest of an upload is no matter.
    if (!answered) answerProblem(response, "unavailable", "Halftone does not answer at the moment.");
  });

  request.pipe(upstream);
  response.on("finish", () => discardRest(request, upstream));
  response.on("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
}

/**
 * Every answer of the gateway names its request. A failure that does not comes from `wrangler dev` itself, whose processes
 * lose a connection between them now and then on a busy machine.
 */
function isNobodysAnswer({ statusCode, headers }) {
  return statusCode >= 500 && headers["x-request-id"] === undefined;
}

/** Streams of events never end by themselves, nor do calls that watch something (gRPC, `/<service>/Watch…`). */
export function isEndless(path, contentType) {
  return contentType.startsWith("text/event-stream") || /\/Watch[A-Z]\w*$/.test(path);
}

/** After an early answer (413 while the upload still runs) the rest is read, for a while, and thrown away. */
function discardRest(request, upstream) {
  if (request.complete) return;
  request.unpipe(upstream);
  upstream.destroy();
  const { socket } = request;
  const limit = setTimeout(() => socket.destroy(), LINGER_MS);
  request.on("close", () => clearTimeout(limit));
  request.resume();
}

/** Joins the two connections of an upgrade (WebSocket), or passes on the answer that refuses it. */
function tunnel(gateway, request, socket, head) {
  const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
  const headers = requestHeaders(request);
  // Other upgrades (h2c) are offers that a server may leave alone.
  if (isWebSocket) headers.push("Connection", "Upgrade", "Upgrade", "websocket");
  const upstream = http.request({ ...gateway, method: request.method, path: request.url, headers, agent: false });
  const cutBoth = () => {
    socket.destroy();
    upstream.destroy();
  };

  upstream.on("upgrade", (answer, upstreamSocket, upstreamHead) => {
    socket.write(rawHead(answer, answer.rawHeaders));
    socket.write(upstreamHead);
    upstreamSocket.write(head);
    socket.pipe(upstreamSocket).pipe(socket);
    upstreamSocket.on("error", cutBoth);
    upstreamSocket.on("close", cutBoth);
  });
  upstream.on("response", (answer) => {
    socket.write(rawHead(answer, [...endToEndHeaders(answer.rawHeaders), "Connection", "close"]));
    answer.pipe(socket);
  });
  upstream.on("error", cutBoth);
  socket.on("error", cutBoth);
  socket.on("close", cutBoth);
  upstream.end();
}

function requestHeaders(request) {
  const headers = endToEndHeaders(request.rawHeaders, ["expect", "cf-connecting-ip"]);
  // As at Cloudflare's edge, the client cannot choose the address that it is limited by.
  headers.push("CF-Connecting-IP", request.socket.remoteAddress ?? "127.0.0.1");
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (encoding !== undefined) headers.push("Transfer-Encoding", "chunked");
  // Without a length Node would send an empty chunked body where the client sent none.
  else if (length === undefined && !["GET", "HEAD"].includes(request.method)) headers.push("Content-Length", "0");
  return headers;
}

/** @param {string[]} rawHeaders names and values in turn, as they came, so that repeated headers stay repeated */
function endToEndHeaders(rawHeaders, alsoWithout = []) {
  const kept = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index].toLowerCase();
    if (HOP_BY_HOP.has(name) || alsoWithout.includes(name)) continue;
    kept.push(rawHeaders[index], rawHeaders[index + 1]);
  }
  return kept;
}

function rawHead(answer, rawHeaders) {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let index = 0; index < rawHeaders.length; index += 2)
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/**
 * The product's error shape (RFC 9457), for the moments when no Worker can give it. The connection stays: closed under a
 * client that is still sending, it would break before the answer is read.
 */
function answerProblem(response, code, detail) {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const requestId = randomUUID();
  const problem = { type: "about:blank", title: "Not available at the moment", status: 503, detail, code, requestId };
  response.writeHead(503, {
    "Content-Type": "application/problem+json",
    "Retry-After": "2",
    "X-Request-Id": requestId,
  });
  response.end(JSON.stringify(problem));
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
