import { afterEach, expect, test, vi } from "vitest";
import { Breaker } from "../../../shared/breaker.ts";
import { ask } from "../../../workers/orders/src/ask.ts";
import { userExists } from "../../../workers/orders/src/user-exists.ts";

const SOURCES = {
  auth: { userExists: async () => true },
  addresses: ["https://users.example"],
  authorization: "Bearer a.b.c",
};

function answerWith(status: number) {
  return vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(null, { status }));
}

afterEach(() => vi.restoreAllMocks());

test("a user service at an address is asked as the caller, and its token follows no redirect", async () => {
  const asked = answerWith(200);
  expect(await userExists(SOURCES, "42")).toBe(true);
  const init = { headers: { Authorization: "Bearer a.b.c" }, redirect: "manual" };
  expect(asked).toHaveBeenCalledWith("https://users.example/api/users/42", init);
});

test("it says who does not exist, and anything else is no answer", async () => {
  answerWith(404);
  expect(await userExists(SOURCES, "42")).toBe(false);
  for (const status of [302, 401, 500]) {
    answerWith(status);
    await expect(userExists(SOURCES, "42")).rejects.toThrow(String(status));
  }
});

test("without an address auth is asked", async () => {
  const asked = answerWith(404);
  expect(await userExists({ ...SOURCES, addresses: [] }, "42")).toBe(true);
  expect(asked).not.toHaveBeenCalled();
});

test("a neighbour that fails once is asked again, and one that hangs is no longer waited for", async () => {
  const question = vi.fn(async () => "yes").mockRejectedValueOnce(new Error("restarting"));
  expect(await ask(new Breaker(), question)).toBe("yes");
  expect(question).toHaveBeenCalledTimes(2);
  const hung = vi.fn(() => new Promise<never>(() => {}));
  await expect(ask(new Breaker(), hung)).rejects.toThrow("900 ms");
  expect(hung).toHaveBeenCalledTimes(2);
});

test("a neighbour that keeps failing is not asked any more for a moment", async () => {
  const breaker = new Breaker();
  const question = vi.fn(async () => Promise.reject(new Error("away")));
  for (let round = 0; round < 8; round++) await ask(breaker, question).catch(() => undefined);
  const asked = question.mock.calls.length;
  await expect(ask(breaker, question)).rejects.toThrow("given up");
  expect(question).toHaveBeenCalledTimes(asked);
});
