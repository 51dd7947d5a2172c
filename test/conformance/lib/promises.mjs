import { randomUUID } from "node:crypto";
import { expectAnswer, expectEqual, expectShape, expectStatus, expectTrue } from "./expect.mjs";
import { exactly, problem, text, time } from "./shapes.mjs";
import { sleep } from "./wait.mjs";

/** The gateway's picture of its services may be 5 s old, and from the moment of the start. */
const HEALTH_SECOND_LOOK_MS = 6_000;

/** A refusal as RFC 9457 problem document with its stable code (C25). */
export function expectProblem(answer, status, code) {
  expectStatus(answer, status);
  expectEqual(`${answer.request} Content-Type`, answer.type, "application/problem+json");
  expectShape(answer.request, answer.json, { ...problem, status: exactly(status), code: exactly(code) });
}

/** Whoever does not say who they are, or says it with a made-up token, is refused alike (S2.52). */
export async function expectTokenNeeded(client, method, path, request = {}) {
  expectProblem(await client.send(method, path, request), 401, "unauthenticated");
  expectProblem(await client.send(method, path, { ...request, token: "not.a.token" }), 401, "unauthenticated");
}

/** Somebody else's thing answers as one that never was, so that ids cannot be probed. */
export async function expectHidden(client, pathOf, id, token) {
  const theirs = await client.get(pathOf(id), { token });
  const nobodys = await client.get(pathOf(unknownId()), { token });
  expectProblem(theirs, 404, "not_found");
  expectProblem(nobodys, 404, "not_found");
  expectEqual(`${theirs.request} detail`, theirs.json.detail, nobodys.json.detail);
}

const VERSION_AT = 14;

/** A UUID of version 7, as the product's ids are, that names nothing. */
function unknownId() {
  const uuid = randomUUID();
  return `${uuid.slice(0, VERSION_AT)}7${uuid.slice(VERSION_AT + 1)}`;
}

/** No answer ever shows a password or its hash. */
export function expectNoPassword(answer) {
  const shown = /"[^"]*(password|hash)[^"]*"\s*:/i.test(answer.text);
  expectTrue(answer.request, !shown, "no password in the answer", answer.text);
}

/**
 * `{status:"healthy",timestamp,service,services}` (C14).
 * @param named services that must be listed as healthy
 */
export async function expectHealthy(client, path, named = []) {
  let answer = await client.get(path);
  if (answer.json?.status !== "healthy") {
    await sleep(HEALTH_SECOND_LOOK_MS);
    answer = await client.get(path);
  }
  expectAnswer(answer, 200, { status: exactly("healthy"), timestamp: time, service: text, services: {} });
  for (const name of named) expectEqual(`${path} services.${name}`, answer.json.services[name]?.status, "healthy");
  return answer.json;
}

/** Registers through one door: as printed, and as somebody new so that the answer is seen in every run. */
export async function expectRegistration({ client, newAddress }, path, printed, shape) {
  const first = await client.post(path, printed);
  if (first.status === 201) expectAnswer(first, 201, shape);
  else expectProblem(first, 409, "email_taken");

  const body = { ...JSON.parse(printed), email: newAddress("registered") };
  const answer = await client.post(path, body);
  expectAnswer(answer, 201, shape);
  expectEqual(`${path} email`, answer.json.email, body.email);
  expectEqual(`${path} user id`, answer.json.user.id, answer.json.userId);
  expectNoPassword(answer);
  return answer.json;
}

/** Signs in through one door. */
export async function expectLogin(client, path, body, shape) {
  const answer = await client.post(path, body);
  expectAnswer(answer, 200, shape);
  expectNoPassword(answer);
  return answer.json;
}
