import { bodyOf, expectAnswer, expectEqual, expectTrue, holds } from "../lib/expect.mjs";
import { expectMetrics } from "../lib/metrics.mjs";
import { GO_BOOK_ORDER, JOHN } from "../lib/printed.mjs";
import {
  expectHealthy,
  expectHidden,
  expectLogin,
  expectNoPassword,
  expectProblem,
  expectRegistration,
  expectTokenNeeded,
} from "../lib/promises.mjs";
import { exactly, legacyToken, loggedIn, order, registered, user } from "../lib/shapes.mjs";

export const s1Checks = [
  ["S1.33", answersTheQuickStart],
  ["S1.34", runsAllThreeServicesBehindOneAddress],
  ["S1.35", registersJohnAsPrinted],
  ["S1.36", logsJohnInAsPrinted],
  ["S1.37", listsOnlyYourself],
  ["S1.38", readsAUserById],
  ["S1.39", updatesAUser],
  ["S1.40", listsOnlyYourOrders],
  ["S1.41", placesTheOrderAsPrinted],
  ["S1.42", readsAnOrderById],
  ["S1.43", movesAnOrderToAnotherStatus],
  ["S1.44", reportsOverallHealth],
  ["S1.45", reportsMetrics],
  ["S1.46", answersAsTheUserServiceDirectly],
  ["S1.47", answersAsTheOrderServiceDirectly],
  ["S1.48", takesABearerTokenOnOrders],
  ["S1.49", runsTheExampleFromRegisterToOrder],
];

const signedInOnUsers = { ...loggedIn, ...legacyToken };

/** What S1's order example must become: two books at 29.99 (C27). */
const bookOrder = {
  ...order,
  product: exactly("Go Programming Book"),
  quantity: exactly(2),
  price: exactly(29.99),
  priceCents: exactly(2_999),
  total: exactly(59.98),
  status: exactly("pending"),
};

/** The printed curls carry no token, and both lists require one. */
async function answersTheQuickStart({ client }) {
  await expectHealthy(client, "/health");
  expectProblem(await client.get("/api/users"), 401, "unauthenticated");
  expectProblem(await client.get("/api/orders"), 401, "unauthenticated");
}

async function runsAllThreeServicesBehindOneAddress({ client }) {
  const { service } = await expectHealthy(client, "/health", ["auth", "orders"]);
  expectEqual("/health service", service, "gateway");
}

async function registersJohnAsPrinted(system) {
  const { user: created } = await expectRegistration(system, "/api/users/register", JOHN.register, {
    ...registered,
    ...legacyToken,
  });
  expectEqual("/api/users/register name", created.name, "John Doe");
}

async function logsJohnInAsPrinted({ client, people }) {
  const { login, id } = await people.john();
  const { userId } = await expectLogin(client, "/api/users/login", login, signedInOnUsers);
  expectEqual("/api/users/login userId", userId, id);
}

/** C17: everybody's list holds themselves; the whole directory is for admins. */
async function listsOnlyYourself({ client, people }) {
  const { token, id } = await people.john();
  const answer = await client.get("/api/users", { token });
  expectAnswer(answer, 200, [user]);
  expectEqual("/api/users ids", answer.json.map((entry) => entry.id).join(), id);
  expectNoPassword(answer);
  await expectTokenNeeded(client, "GET", "/api/users");
}

async function readsAUserById({ client, people }) {
  const { token, id, email } = await people.john();
  const answer = await client.get(`/api/users/${id}`, { token });
  expectAnswer(answer, 200, user);
  expectEqual("email", answer.json.email, email);
  const stranger = await people.stranger();
  await expectHidden(client, (any) => `/api/users/${any}`, id, stranger.token);
  await expectTokenNeeded(client, "GET", `/api/users/${id}`);
}

/** John keeps his printed name at the end, so that other checks may count on it. */
async function updatesAUser({ client, people }) {
  const { token, id } = await people.john();
  const path = `/api/users/${id}`;
  const renamed = await client.put(path, { name: "John D. Doe" }, { token });
  expectAnswer(renamed, 200, { ...user, name: exactly("John D. Doe") });
  const whole = { ...renamed.json, name: "John Doe" };
  expectAnswer(await client.put(path, whole, { token }), 200, { ...user, name: exactly("John Doe") });

  const stranger = await people.stranger();
  expectProblem(await client.put(path, { name: "Mallory" }, { token: stranger.token }), 404, "not_found");
  expectProblem(await client.put(path, { name: "Mallory" }), 401, "unauthenticated");
}

async function listsOnlyYourOrders({ client, people }) {
  const { token } = await people.john();
  const { id } = bodyOf(await client.post("/api/orders", GO_BOOK_ORDER, { token }), 201);
  const answer = await client.get("/api/orders", { token });
  expectAnswer(answer, 200, [order]);
  expectTrue("/api/orders", holds(answer, id), "the order just placed", answer.text);
  const stranger = await people.stranger();
  const theirs = await client.get("/api/orders", { token: stranger.token });
  expectAnswer(theirs, 200, [order]);
  expectTrue("a stranger's /api/orders", !holds(theirs, id), "no order of John's", theirs.text);
}

async function placesTheOrderAsPrinted({ client, people }) {
  const { token } = await people.john();
  expectAnswer(await client.post("/api/orders", GO_BOOK_ORDER, { token }), 201, bookOrder);
  expectProblem(await client.post("/api/orders", { product: "Book" }, { token }), 422, "invalid_request");
}

async function readsAnOrderById({ client, people }) {
  const { token } = await people.john();
  const { id } = bodyOf(await client.post("/api/orders", GO_BOOK_ORDER, { token }), 201);
  expectAnswer(await client.get(`/api/orders/${id}`, { token }), 200, { ...bookOrder, id: exactly(id) });
  const stranger = await people.stranger();
  await expectHidden(client, (any) => `/api/orders/${any}`, id, stranger.token);
}

/** C18: the owner may cancel early, an illegal move names the legal ones, and nobody moves without a token. */
async function movesAnOrderToAnotherStatus({ client, people }) {
  const { token } = await people.john();
  const { id } = bodyOf(await client.post("/api/orders", GO_BOOK_ORDER, { token }), 201);
  const path = `/api/orders/${id}/status`;
  expectProblem(await client.put(path, { status: "cancelled" }), 401, "unauthenticated");

  const jumped = await client.put(path, { status: "delivered" }, { token });
  expectProblem(jumped, 409, "illegal_status_change");
  expectEqual("allowed", jumped.json.allowed?.join(), "confirmed,cancelled");

  const cancelled = await client.put(path, { status: "cancelled" }, { token });
  expectAnswer(cancelled, 200, { ...order, id: exactly(id), status: exactly("cancelled") });
  expectProblem(await client.put(path, { status: "confirmed" }, { token }), 409, "illegal_status_change");
}

async function reportsOverallHealth({ client }) {
  await expectHealthy(client, "/health", ["auth", "images", "resizer", "orders", "audit", "webhooks"]);
}

async function reportsMetrics({ client }) {
  await expectMetrics(client);
  const answer = await client.get("/metrics", { headers: { Accept: "application/json" } });
  expectAnswer(answer, 200, {});
}

async function answersAsTheUserServiceDirectly(system) {
  const { client, people } = system;
  await expectHealthy(client, "/health", ["auth"]);
  await expectRegistration(system, "/register", JOHN.register, registered);
  const { login, id } = await people.john();
  const { accessToken: token } = await expectLogin(client, "/login", login, loggedIn);
  const list = await client.get("/users", { token });
  expectAnswer(list, 200, [user]);
  expectEqual("/users ids", list.json.map((entry) => entry.id).join(), id);
  expectAnswer(await client.get(`/users/${id}`, { token }), 200, { ...user, id: exactly(id) });
}

async function answersAsTheOrderServiceDirectly({ client, people }) {
  await expectHealthy(client, "/health", ["orders"]);
  const { token } = await people.john();
  const placed = await client.post("/orders", GO_BOOK_ORDER, { token });
  expectAnswer(placed, 201, bookOrder);
  const { id } = placed.json;
  const list = await client.get("/orders", { token });
  expectAnswer(list, 200, [order]);
  expectTrue("/orders", holds(list, id), "the order just placed", list.text);
  expectAnswer(await client.get(`/orders/${id}`, { token }), 200, { ...bookOrder, id: exactly(id) });
}

async function takesABearerTokenOnOrders({ client, people }) {
  await expectTokenNeeded(client, "GET", "/api/orders");
  const json = { headers: { "Content-Type": "application/json" }, body: GO_BOOK_ORDER };
  await expectTokenNeeded(client, "POST", "/api/orders", json);
  const { token, accessToken } = await people.john();
  expectAnswer(await client.get("/api/orders", { token }), 200, [order]);
  expectAnswer(await client.get("/api/orders", { token: accessToken }), 200, [order]);
}

async function runsTheExampleFromRegisterToOrder({ client, people }) {
  const { login, id } = await people.john();
  const { token } = await expectLogin(client, "/api/users/login", login, signedInOnUsers);
  const placed = await client.post("/api/orders", GO_BOOK_ORDER, { token });
  expectAnswer(placed, 201, { ...bookOrder, userId: exactly(id) });
}
