// The door for native gRPC clients: HTTP/2 in, gRPC-Web over HTTP/1.1 to the front door out. `wrangler dev` speaks
// HTTP/1.1 only; a zone of Cloudflare's with gRPC switched on does the same. It knows no service: calls pass untouched.

import http from "node:http";
import http2 from "node:http2";
import { isEndless } from "./front-door.mjs";
import { ending, INTERNAL, statusOfHttp, TrailerFrame, UNAVAILABLE } from "./grpc-trailers.mjs";
import { listenOnLoopback } from "./loopback.mjs";

/** How often a draining bridge looks whether all is finished. */
const DRAIN_CHECK_MS = 50;
/** How long what a client sends after its answer is read and thrown away. */
const LINGER_MS = 1_000;
/** A problem document is a few sentences. */
const PROBLEM_MAX_BYTES = 64 * 1024;
/** Headers of one connection, and those that are made anew for the other side. */
const NOT_PASSED_ON = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "host",
  "keep-alive",
  "te",
  "transfer-encoding",
]);
const GRPC = /^application\/grpc(\+(?:proto|json))?$/;

/**
 * @param {{ host: string, port: number }} door
 * @returns a bridge that is not listening yet
 */
export function createGrpcBridge(door) {
  const servers = [];
  const sessions = new Set();
  /** Calls that are under way. */
  const calls = new Set();
  let draining = false;

  function onStream(stream, headers) {
    // Whoever hangs up has ended the call, whatever its stream says of that.
    stream.on("error", () => {});
    const format = GRPC.exec(headers["content-type"] ?? "");
    if (format === null) stream.respond({ ":status": 415 }, { endStream: true });
    else if (draining) refuse(stream, ending(UNAVAILABLE, "Halftone is stopping."));
    else begin(stream, headers, format[1] ?? "");
  }

  function begin(stream, headers, suffix) {
    const upstream = askDoor(door, stream, headers, suffix);
    const call = { endless: isEndless(headers[":path"], ""), cut: () => upstream.destroy() };
    calls.add(call);
    stream.on("close", () => calls.delete(call));
  }

  function openServer() {
    const server = http2.createServer();
    server.on("session", (session) => {
      sessions.add(session);
      session.on("close", () => sessions.delete(session));
      session.on("error", () => {});
    });
    server.on("stream", onStream);
    return server;
  }

  /** Cuts everything at once. */
  function close() {
    for (const server of servers) server.close();
    for (const session of sessions) session.destroy();
  }

  return {
    close,

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
     * Takes no more calls and waits for those under way; calls that watch something are ended at once.
     * @param {number} limitMs
     */
    async drain(limitMs) {
      draining = true;
      for (const server of servers) server.close();
      for (const session of sessions) session.close();
      const deadline = Date.now() + limitMs;
      for (const call of calls) if (call.endless) call.cut();
      while (calls.size > 0 && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
      close();
    },
  };
}

/** Hands a call to the front door and its answer back, neither of them buffered. */
function askDoor(door, stream, headers, suffix) {
  const upstream = http.request({
    ...door,
    method: "POST",
    path: headers[":path"],
    headers: {
      ...passedOn(headers),
      // Links in answers begin with it, and the bridge itself serves no bytes.
      host: `localhost:${door.port}`,
      "content-type": `application/grpc-web${suffix}`,
      "x-grpc-web": "1",
    },
    agent: false,
  });
  let answered = false;
  let isOver = false;
  upstream.on("response", (answer) => {
    answered = true;
    const isGrpc = (answer.headers["content-type"] ?? "").startsWith("application/grpc-web");
    if (answer.statusCode === 200 && isGrpc) passBack(stream, answer, suffix, endRequest);
    else refuseByProblem(stream, answer);
  });
  upstream.on("error", () => {
    // Once the answer has begun, its own stream tells whether it broke; a failed rest of an upload is no matter.
    if (!answered) refuse(stream, ending(UNAVAILABLE, "Halftone does not answer at the moment."));
  });
  stream.pipe(upstream);
  stream.on("close", () => {
    if (!isOver) upstream.destroy();
  });
  return upstream;

  /** What the client has still to send is of no use any more, and what breaks off would look like a failure. */
  function endRequest() {
    isOver = true;
    stream.unpipe(upstream);
    upstream.end();
  }
}

function passBack(stream, answer, suffix, endRequest) {
  if (stream.destroyed) return;
  const frames = new TrailerFrame();
  let broken = ending(INTERNAL, "The answer ended without its trailers.");
  const breakOff = () => {
    broken = ending(UNAVAILABLE, "The answer broke off.");
    frames.end();
  };
  stream.respond(
    { ":status": 200, "content-type": `application/grpc${suffix}`, ...passedOn(answer.headers) },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () => {
    stream.sendTrailers(frames.trailers ?? broken);
    endSending(stream);
  });
  // The trailers are the end: the body's own may wait for a request that the service has given up reading.
  frames.on("trailers", () => {
    answer.unpipe(frames).resume();
    frames.end();
    endRequest();
  });
  answer.on("error", breakOff);
  frames.on("error", breakOff);
  answer.pipe(frames).pipe(stream);
}

/** The gateway refuses in problem documents: the caller gets their sentence, and their code as `problem-code`. */
async function refuseByProblem(stream, answer) {
  const { detail, code } = await readProblem(answer);
  const metadata = code === undefined ? {} : { "problem-code": code };
  const retryAfter = answer.headers["retry-after"];
  if (retryAfter !== undefined) metadata["retry-after"] = retryAfter;
  refuse(stream, ending(statusOfHttp(answer.statusCode), detail ?? `HTTP ${answer.statusCode}`, metadata));
}

async function readProblem(answer) {
  let text = "";
  try {
    for await (const chunk of answer) if (text.length < PROBLEM_MAX_BYTES) text += chunk;
    const { detail, title, code } = JSON.parse(text);
    return { detail: detail ?? title, code };
  } catch {
    return {};
  }
}

/** Ends a call that has no message, by headers alone. */
function refuse(stream, trailers) {
  if (stream.headersSent || stream.destroyed) return;
  stream.respond({ ":status": 200, "content-type": "application/grpc", ...trailers }, { endStream: true });
  endSending(stream);
}

/**
 * A client that goes on sending after its whole answer learns that nobody reads on (RFC 9113 section 8.1). Most end by
 * themselves, and a reset that overtakes the answer would take its place.
 */
function endSending(stream) {
  if (stream.readableEnded) return;
  stream.unpipe();
  stream.resume();
  const timer = setTimeout(() => stream.close(http2.constants.NGHTTP2_NO_ERROR), LINGER_MS);
  stream.on("close", () => clearTimeout(timer));
}

function passedOn(headers) {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith(":") && !NOT_PASSED_ON.has(name)),
  );
}
