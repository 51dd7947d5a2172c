import { bodyOf, expectAnswer, expectEqual, expectTrue } from "../lib/expect.mjs";
import { NEWCOMER_PASSWORD } from "../lib/people.mjs";
import { expectHealthy, expectHidden, expectLogin, expectProblem, expectTokenNeeded } from "../lib/promises.mjs";
import { exactly, id, loggedIn, serviceCard, text, time, user } from "../lib/shapes.mjs";
import { expectClientFault, expectEnvelope, registerUser } from "../lib/soap.mjs";
import { waitFor } from "../lib/wait.mjs";

export const s3Checks = [
  ["S3.0", saysOfEveryServiceWhatItIs],
  ["S3.6", logsInByUserNameOrAddress],
  ["S3.7", showsTheProfileToAValidTokenOnly],
  ["S3.8", provesThatTheDatabaseAnswers],
  ["S3.9", tellsTheHealthOfAuth],
  ["S3.16", registersUsersOverSOAP],
  ["S3.17", tellsTheHealthOfTheSOAPService],
  ["S3.24", tellsTheLastConnection],
  ["S3.25", opensASession],
  ["S3.26", readsYourSessions],
  ["S3.27", updatesYourSession],
  ["S3.28", endsYourSessions],
  ["S3.29", verifiesASession],
  ["S3.30", tellsTheHealthOfTheSessionService],
  ["S3.47", looksUpAUserNameOverSOAP],
  ["S3.48", tellsTheHealthOfTheLookupService],
  ["S3.49", answersALookupInUnderAKilobyteWithoutALogin],
  ["S3.50", tellsTheSameLastConnectionHoweverItIsAsked],
  ["S3.51", movesTheLastConnectionWithALogin],
  ["S3.52", tellsHealthForLoadBalancers],
];

/** A revoked session is dead everywhere within this (C5). */
const REVOCATION_PATIENCE_MS = 5_000;
const LOOKUP_MAX_BYTES = 1_024;

/** All eight things that each service documents; the resizer alone offers no endpoints. */
async function saysOfEveryServiceWhatItIs({ client }) {
  const answer = await client.get("/services");
  expectAnswer(answer, 200, { services: [{ name: text, health: text, card: serviceCard }] });
  for (const { name, card } of answer.json.services) {
    const isListed = card.communication.length > 0 && card.storage.length > 0 && card.security.length > 0;
    expectTrue(`/services ${name}`, isListed && card.configuration.length > 0, "something in every list", card);
    expectTrue(`/services ${name} endpoints`, card.endpoints.length > 0 || name === "resizer", "some", card.endpoints);
  }
}

/** S3 knows user names (C3). A wrong password and an unknown user are told apart by nobody. */
async function logsInByUserNameOrAddress({ client, people }) {
  const { email, id: userId } = await people.stranger();
  const { user: byAddress } = await expectLogin(client, "/login", { email, password: NEWCOMER_PASSWORD }, loggedIn);
  const named = { username: byAddress.username, password: NEWCOMER_PASSWORD };
  const byName = await expectLogin(client, "/login", named, loggedIn);
  expectEqual("/login userId", byName.userId, userId);

  const wrong = await client.post("/login", { ...named, password: "not-the-password" });
  const unknown = await client.post("/login", { username: "nobody-of-this-name", password: NEWCOMER_PASSWORD });
  expectProblem(wrong, 401, "invalid_credentials");
  expectProblem(unknown, 401, "invalid_credentials");
  expectEqual("detail", wrong.json.detail, unknown.json.detail);
}

async function showsTheProfileToAValidTokenOnly({ client, people }) {
  const { token, email } = await people.stranger();
  expectAnswer(await client.get("/profile", { token }), 200, { ...user, email: exactly(email) });
  const [header, payload, signature] = token.split(".");
  const forged = [header, payload, signature.split("").reverse().join("")].join(".");
  expectProblem(await client.get("/profile", { token: forged }), 401, "unauthenticated");
  expectProblem(await client.get("/profile"), 401, "unauthenticated");
}

async function provesThatTheDatabaseAnswers({ client }) {
  expectAnswer(await client.get("/test-db"), 200, { status: exactly("ok"), database: text, timestamp: time });
}

async function tellsTheHealthOfAuth({ client }) {
  await expectHealthy(client, "/health", ["auth"]);
}

/** C2, C26: the same door takes XML; an address that is taken is the client's fault. */
async function registersUsersOverSOAP({ client, newAddress }) {
  const email = newAddress("soap");
  const envelope = registerUser({ username: email.replace(/\W/g, "-"), email, password: NEWCOMER_PASSWORD });
  const soap = { headers: { SOAPAction: '"urn:halftone:users:v1:RegisterUser"' } };
  expectEnvelope(await client.postXml("/register", envelope, soap), 200, "RegisterUserResponse");
  await expectLogin(client, "/login", { email, password: NEWCOMER_PASSWORD }, loggedIn);
  expectClientFault(await client.postXml("/register", envelope, soap));
}

async function tellsTheHealthOfTheSOAPService({ client }) {
  await expectHealthy(client, "/health", ["auth"]);
}

const connection = { userId: id, lastConnection: time };

async function tellsTheLastConnection({ client, people }) {
  const { token, id: userId } = await people.stranger();
  const answer = await client.get("/last-connection", { token });
  expectAnswer(answer, 200, { ...connection, userId: exactly(userId) });
  await expectTokenNeeded(client, "GET", "/last-connection");
}

const session = { id: text, userId: id };

async function opensASession({ client, people }) {
  const { token, id: userId } = await people.newcomer();
  expectAnswer(await client.post("/api/sessions", {}, { token }), 201, { ...session, userId: exactly(userId) });
  expectProblem(await client.post("/api/sessions", {}), 401, "unauthenticated");
}

async function readsYourSessions({ client, people }) {
  const owner = await people.newcomer();
  const stranger = await people.stranger();
  expectAnswer(await client.get(`/api/sessions/${owner.id}`, { token: owner.token }), 200, [session]);
  await expectHidden(client, (any) => `/api/sessions/${any}`, owner.id, stranger.token);
}

/** S3 prints no body: an empty update says "I am still here". */
async function updatesYourSession({ client, people }) {
  const owner = await people.newcomer();
  const stranger = await people.stranger();
  const path = `/api/sessions/${owner.id}`;
  expectAnswer(await client.put(path, {}, { token: owner.token }), 200, { userId: exactly(owner.id) });
  expectProblem(await client.put(path, {}, { token: stranger.token }), 404, "not_found");
}

async function endsYourSessions({ client, people }) {
  const { token, id: userId } = await people.newcomer();
  const path = `/api/sessions/${userId}`;
  const stranger = await people.stranger();
  expectProblem(await client.delete(path, { token: stranger.token }), 404, "not_found");
  const answer = await client.delete(path, { token });
  expectTrue(answer.request, answer.status === 200 || answer.status === 204, "200 or 204", answer.status);
  await waitFor("a revoked token's end", REVOCATION_PATIENCE_MS, async () => {
    const { status } = await client.get("/profile", { token });
    return status === 401 ? status : null;
  });
}

/** C19: `verify` is no user's id. */
async function verifiesASession({ client, people }) {
  const { token, id: userId } = await people.stranger();
  expectAnswer(await client.get("/api/sessions/verify", { token }), 200, { userId: exactly(userId) });
  await expectTokenNeeded(client, "GET", "/api/sessions/verify");
}

async function tellsTheHealthOfTheSessionService({ client }) {
  await expectHealthy(client, "/health", ["auth"]);
}

/** C32: open, and it tells no address. */
async function looksUpAUserNameOverSOAP({ client, people }) {
  const { token, email } = await people.stranger();
  const { username } = bodyOf(await client.get("/profile", { token }), 200);
  const found = await client.get(`/user/soap?username=${encodeURIComponent(username)}`);
  expectEnvelope(found, 200, username);
  expectTrue(found.request, !found.text.includes(email), "no address in the answer", found.text);
  expectClientFault(await client.get("/user/soap?username=nobody-of-this-name"));
}

async function tellsTheHealthOfTheLookupService({ client }) {
  await expectHealthy(client, "/health", ["auth"]);
}

async function answersALookupInUnderAKilobyteWithoutALogin({ client, people }) {
  const { token } = await people.stranger();
  const { username } = bodyOf(await client.get("/profile", { token }), 200);
  const found = await client.get(`/user/soap?username=${encodeURIComponent(username)}`);
  expectEnvelope(found, 200, username);
  expectTrue(
    found.request,
    found.bytes.length <= LOOKUP_MAX_BYTES,
    `at most ${LOOKUP_MAX_BYTES} bytes`,
    found.bytes.length,
  );
}

/** C20: two services of the source, one endpoint and one store. */
async function tellsTheSameLastConnectionHoweverItIsAsked({ client, people }) {
  const { token, accessToken } = await people.newcomer();
  const first = await client.get("/last-connection", { token });
  const second = await client.get("/last-connection", { token: accessToken });
  expectAnswer(first, 200, connection);
  expectAnswer(second, 200, connection);
  expectEqual("/last-connection", second.json.lastConnection, first.json.lastConnection);
}

async function movesTheLastConnectionWithALogin({ client, people }) {
  const { token, login } = await people.newcomer();
  const before = await client.get("/last-connection", { token });
  expectAnswer(before, 200, connection);
  const { accessToken } = await expectLogin(client, "/login", login, loggedIn);
  const after = await client.get("/last-connection", { token: accessToken });
  expectAnswer(after, 200, connection);
  const moved = after.json.lastConnection > before.json.lastConnection;
  expectTrue("lastConnection", moved, `a time after ${before.json.lastConnection}`, after.json.lastConnection);
}

async function tellsHealthForLoadBalancers({ client }) {
  await expectHealthy(client, "/connected/health");
}
