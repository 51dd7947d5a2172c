import { bodyOf, expectAnswer, expectEqual, expectStatus, expectTrue } from "../lib/expect.mjs";
import { NEWCOMER_PASSWORD } from "../lib/people.mjs";
import { expectHidden, expectLogin, expectProblem, expectRegistration, expectTokenNeeded } from "../lib/promises.mjs";
import { PHOTO, TINY_PHOTO } from "../lib/samples.mjs";
import { loggedIn, registered, storedFile, user } from "../lib/shapes.mjs";

export const s0Checks = [
  ["S0.23", registersWithJSON],
  ["S0.24", logsInWithJSON],
  ["S0.25", registersWithAForm],
  ["S0.26", logsInWithAForm],
  ["S0.27", storesAnUpload],
  ["S0.28", showsTheProfile],
  ["S0.29", servesUploadsToTheirOwnerAndToSignedAddresses],
  ["S0.30", servesThePage],
  ["S0.31", logsInUnderAuth],
  ["S0.32", registersUnderAuth],
  ["S0.33", answersEveryServiceUnderApi],
  ["S0.34", servesUploadsFromTheSameOrigin],
];

/** S0 prints no bodies; its fields are those that every source has. */
function newcomerBody(system) {
  return JSON.stringify({ email: system.newAddress("s0"), password: NEWCOMER_PASSWORD });
}

async function registersWithJSON(system) {
  await expectRegistration(system, "/register", newcomerBody(system), registered);
  expectProblem(await system.client.post("/register", "{"), 400, "malformed_json");
  expectProblem(await system.client.post("/register", {}), 422, "invalid_request");
}

async function logsInWithJSON({ client, people }) {
  const { login, id } = await people.stranger();
  const { userId } = await expectLogin(client, "/login", login, loggedIn);
  expectEqual("/login userId", userId, id);
}

async function registersWithAForm({ client, newAddress }) {
  const form = () => ({ email: newAddress("form"), password: NEWCOMER_PASSWORD });
  expectAnswer(await client.postForm("/register-form", form()), 201, registered);
  await expectBackToThePage(client, "/register-form", form());
}

async function logsInWithAForm({ client, people }) {
  const { email } = await people.stranger();
  const form = { email, password: NEWCOMER_PASSWORD };
  expectAnswer(await client.postForm("/login-form", form), 200, loggedIn);
  await expectBackToThePage(client, "/login-form", form);
}

/** A browser that submits a form is sent to the page (C2). */
async function expectBackToThePage(client, path, form) {
  const answer = await client.postForm(path, form, { headers: { Accept: "text/html" } });
  expectStatus(answer, 303);
  expectEqual(`${path} Location`, answer.headers.location, "/");
}

/** C9: the answer names the file as S4 does, and where to GET it. */
async function storesAnUpload({ client, people }) {
  const { token, id } = await people.stranger();
  const answer = await client.upload("/upload", "file", PHOTO, { token });
  expectAnswer(answer, 201, storedFile);
  expectEqual("/upload user_id", answer.json.user_id, id);
  expectEqual("/upload path", answer.json.path, `/uploads/${answer.json.id}`);
  expectProblem(await client.upload("/upload", "file", PHOTO), 401, "unauthenticated");
}

async function showsTheProfile({ client, people }) {
  const { token, id } = await people.stranger();
  const answer = await client.get("/profile", { token });
  expectAnswer(answer, 200, user);
  expectEqual("/profile id", answer.json.id, id);
  await expectTokenNeeded(client, "GET", "/profile");
}

/** C16: objects are private; the owner's token opens them, and so does the signed address of the answer. */
async function servesUploadsToTheirOwnerAndToSignedAddresses({ client, people }) {
  const { token } = await people.newcomer();
  const { path, url, id } = bodyOf(await client.upload("/upload", "file", PHOTO, { token }), 201);
  expectPhoto(await client.get(url), PHOTO);
  expectPhoto(await client.get(path, { token }), PHOTO);
  expectProblem(await client.get(path), 404, "not_found");
  const { token: strangers } = await people.stranger();
  await expectHidden(client, (any) => `/uploads/${any}`, id, strangers);
}

function expectPhoto(answer, { type, bytes }) {
  expectStatus(answer, 200);
  expectEqual(`${answer.request} Content-Type`, answer.type, type);
  expectTrue(answer.request, answer.bytes.equals(bytes), "the bytes as uploaded", `${answer.bytes.length} other bytes`);
}

async function servesThePage({ client }) {
  const answer = await client.get("/");
  expectStatus(answer, 200);
  expectEqual("/ Content-Type", answer.type, "text/html");
  expectTrue("/", /^<!doctype html>/i.test(answer.text), "an HTML page", answer.text);
}

async function logsInUnderAuth({ client, people }) {
  const { login, id } = await people.stranger();
  const { userId } = await expectLogin(client, "/auth/login", login, loggedIn);
  expectEqual("/auth/login userId", userId, id);
}

async function registersUnderAuth(system) {
  await expectRegistration(system, "/auth/register", newcomerBody(system), registered);
}

async function answersEveryServiceUnderApi(system) {
  const { client } = system;
  const { accessToken, email } = await expectRegistration(system, "/api/register", newcomerBody(system), registered);
  await expectLogin(client, "/api/login", { email, password: NEWCOMER_PASSWORD }, loggedIn);
  expectAnswer(await client.upload("/api/upload", "file", TINY_PHOTO, { token: accessToken }), 201, storedFile);
  expectAnswer(await client.get("/api/profile", { token: accessToken }), 200, user);
  expectProblem(await client.post("/api/nothing-here", {}), 404, "not_found");
}

async function servesUploadsFromTheSameOrigin({ client, people }) {
  const { token } = await people.newcomer();
  const { url } = bodyOf(await client.upload("/api/upload", "file", TINY_PHOTO, { token }), 201);
  expectEqual("origin of url", new URL(url).origin, new URL(client.baseUrl).origin);
  expectPhoto(await client.get(url), TINY_PHOTO);
  const outside = await client.get("/uploads/..%2f..%2fetc%2fpasswd", { token });
  expectProblem(outside, 404, "not_found");
}
