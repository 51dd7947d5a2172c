// What is asked of the gateway, and beside what each question is measured.

import { load, send } from "./load.mjs";
import { median } from "./median.mjs";

const ADDRESS = { "CF-Connecting-IP": "192.0.2.1" };
const BLOCKED_ADDRESS = { "CF-Connecting-IP": "192.0.2.2" };
/** The part that is asked for by a range: as much as a reader of the header and some more asks for. */
const PART_BYTES = 64 * 1024;
/** What the connection adds to any answer, and the id, which each has of its own. */
const NOT_COPIED = ["connection", "keep-alive", "transfer-encoding", "date", "x-request-id"];

/**
 * The cases, with the fixtures that they need made.
 * @param workers as startGateway answers them
 * @param {{ small: Buffer, large: Buffer }} photos a JPEG and a WebP
 */
export async function makeCases(workers, photos) {
  const gateway = await workers.service("gateway");
  const person = await signUp(gateway);
  const headers = { ...ADDRESS, Authorization: `Bearer ${person.accessToken}` };
  const order = await post(gateway, "/api/orders", headers, { product: "Print", quantity: 1, price: 5 });
  const small = await linkTo(gateway, await upload(gateway, headers, "image/jpeg", photos.small));
  const large = await linkTo(gateway, await upload(gateway, headers, "image/webp", photos.large));
  return [
    {
      name: "an order",
      service: "orders",
      path: `/api/orders/${order.id}`,
      headers,
      status: 200,
      against: ["service"],
    },
    { name: "a list of images", service: "images", path: "/api/images", headers, status: 200, against: ["service"] },
    { name: "oneself", service: "auth", path: "/api/users/me", headers, status: 200, against: ["service"] },
    { name: "a signed link, small", ...small.whole },
    { name: "a signed link, large", ...large.whole },
    { name: "a signed link, not modified", ...large.notModified },
    { name: "a signed link, a range", ...large.part },
    {
      name: "a blocked address",
      path: "/user/soap?username=x",
      headers: BLOCKED_ADDRESS,
      status: 429,
      against: ["null"],
    },
  ];
}

/**
 * One case in alternating rounds: all sides meet the same state of the machine.
 * @returns medians of CPU in ms for each request, and of the gateway's ratio to each other side within each round
 */
export async function measureCase(
  workers,
  { service, path, headers, status, against, stored = null },
  { rounds, requests },
) {
  const gateway = { url: (await workers.service("gateway")) + path, headers };
  const sides = { gateway };
  if (against.includes("service")) sides.service = { url: (await workers.service(service)) + path, headers };
  await untilAnswered(gateway, status);
  if (against.includes("null")) sides.null = await nullRequest(await workers.nullWorker(), gateway, stored);
  const names = Object.keys(sides);
  for (const name of names) await load(sides[name], status, requests, workers.meter);
  const turns = [];
  for (let round = 0; round < rounds; round++) {
    const turn = {};
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      turn[name] = await load(sides[name], status, requests, workers.meter);
    }
    turns.push(turn);
  }
  const result = (name) => ({
    cpuMs: median(turns.map((turn) => turn[name].cpuMs)),
    cpuRatio: median(turns.map((turn) => turn.gateway.cpuMs / turn[name].cpuMs)),
    throughputRatio: median(turns.map((turn) => turn[name].wallMs / turn.gateway.wallMs)),
  });
  return Object.fromEntries(names.map((name) => [name, result(name)]));
}

/** The first questions fill caches, or a limit. */
async function untilAnswered(request, status) {
  for (let tries = 0; tries < 100; tries++) {
    if ((await send(request)).status === status) return;
  }
  throw new Error(`${request.url} never answered ${status}.`);
}

/**
 * Has the null Worker answer as the gateway just did.
 * @param stored the key of the bytes in the bucket, and the range of them; null where the answer has none from there
 */
async function nullRequest(origin, request, stored) {
  const { status, headers, body } = await send(request);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_COPIED.includes(name)));
  const path = new URL(request.url).pathname;
  // The line that the gateway writes, but for its time and ids.
  const line = { level: "info", service: "gateway", msg: "request", method: "GET", path, route: path, status, ms: 0 };
  const answer = JSON.stringify({ status, headers: kept, line, stored });
  await fetch(origin, { method: "PUT", headers: { "X-Answer": answer }, body });
  return { url: origin, headers: request.headers };
}

async function signUp(gateway) {
  const email = `bench-${Date.now()}@example.com`;
  return post(gateway, "/api/auth/register", ADDRESS, { email, password: "a-password-of-our-own" });
}

async function post(gateway, path, headers, body) {
  const json = { "Content-Type": "application/json" };
  const answer = await fetch(gateway + path, {
    method: "POST",
    headers: { ...headers, ...json },
    body: JSON.stringify(body),
  });
  return must(answer);
}

/** What can be asked of one link. Only a 304 needs no look into the bucket. */
async function linkTo(gateway, image) {
  const { pathname, search, searchParams } = new URL(image.url);
  const path = pathname + search;
  const key = searchParams.get("key");
  const { etag } = (await send({ url: gateway + path, headers: ADDRESS })).headers;
  const link = { service: "images", path, against: ["service", "null"] };
  return {
    whole: { ...link, headers: ADDRESS, status: 200, stored: { key } },
    notModified: { ...link, headers: { ...ADDRESS, "If-None-Match": etag }, status: 304 },
    part: {
      ...link,
      headers: { ...ADDRESS, Range: `bytes=0-${PART_BYTES - 1}` },
      status: 206,
      stored: { key, range: { offset: 0, length: PART_BYTES } },
    },
  };
}

async function upload(gateway, headers, mimeType, photo) {
  const type = { "Content-Type": mimeType, "X-File-Name": "photo" };
  return must(await fetch(`${gateway}/api/images`, { method: "PUT", headers: { ...headers, ...type }, body: photo }));
}

async function must(answer) {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}
