import { afterEach, expect, test, vi } from "vitest";
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

test("without an address auth is asked, and no longer than two seconds", async () => {
  const asked = answerWith(404);
  expect(await userExists({ ...SOURCES, addresses: [] }, "42")).toBe(true);
  const hung = { userExists: () => new Promise<never>(() => {}) };
  await expect(userExists({ ...SOURCES, addresses: [], auth: hung }, "42")).rejects.toThrow("2000 ms");
  expect(asked).not.toHaveBeenCalled();
});
