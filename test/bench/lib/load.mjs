// Many equal requests to one address, and what a process has spent on them.

import http from "node:http";
import { median } from "./median.mjs";

const AT_ONCE = 16;
/** A blocked caller is let through now and then. More answers of another status than this share are a failure. */
const OTHERS_MAX = 0.02;

/** One connection for each request under way, kept: the opening of connections is not what is measured. */
const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

/**
 * Sends one request and reads its answer whole.
 * @param {{ url: string, method?: string, headers?: Record<string, string>, body?: string }} request
 * @returns {Promise<{ status: number, headers: object, body: Buffer }>}
 */
export function send({ url, method = "GET", headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent, method, headers }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }),
      );
      answer.on("error", reject);
    });
    // A kept connection may have been closed at the other end while nobody used it.
    request.on("error", (error) => {
      if (request.reusedSocket && error.code === "ECONNRESET") resolve(send({ url, method, headers, body }));
      else reject(error);
    });
    request.end(body);
  });
}

/**
 * @param {object} request as `send` takes it
 * @param {number} status what the answers must be
 * @returns {Promise<{ cpuMs: number, wallMs: number }>} for each request
 */
export async function load(request, status, count, meter) {
  let waiting = count;
  let others = 0;
  const cpuBefore = meter.cpuMs();
  const wallBefore = performance.now();
  const worker = async () => {
    while (waiting > 0) {
      waiting -= 1;
      const answer = await send(request);
      if (answer.status === status) continue;
      others += 1;
      if (others > count * OTHERS_MAX) throw new Error(`${request.url} answered ${answer.status}: ${answer.body}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const wallMs = performance.now() - wallBefore;
  return { cpuMs: (meter.cpuMs() - cpuBefore) / count, wallMs: wallMs / count };
}

/**
 * Several requests in alternating rounds: all sides meet the same state of the machine.
 * @param {Record<string, object>} sides requests as `send` takes them
 * @param {object} options `status` is what all must be answered, 200 without it
 * @returns medians of CPU in ms for each request, and of the ratio to the first side within each round, by side
 */
export async function compareLoads(sides, { meter, rounds, requests, status = 200 }) {
  const names = Object.keys(sides);
  const [first] = names;
  for (const name of names) await load(sides[name], status, requests, meter);
  const turns = [];
  for (let round = 0; round < rounds; round++) {
    const turn = {};
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      turn[name] = (await load(sides[name], status, requests, meter)).cpuMs;
    }
    turns.push(turn);
  }
  const resultOf = (name) => ({
    cpuMs: median(turns.map((turn) => turn[name])),
    ratio: median(turns.map((turn) => turn[name] / turn[first])),
  });
  return Object.fromEntries(names.map((name) => [name, resultOf(name)]));
}
