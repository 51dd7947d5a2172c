import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { EventStream } from "../../support/event-stream.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { auth, claimsOf, credentialOf } from "./scripted-auth.ts";

/** Opens a stream that tells one thing and never ends by itself. */
async function listen({ headers }: { headers: Record<string, string> }): Promise<EventStream> {
  const answer = await call("/api/images/events", { headers });
  expect(answer.status).toBe(200);
  const stream = new EventStream(answer);
  expect(await stream.next()).toMatchObject({ id: "1" });
  return stream;
}

describe("a stream", () => {
  test("ends when the token that opened it has run out, and not before", async () => {
    const john = await signIn("user", newId(), "3s");
    const stream = await listen(john);
    await stream.ended();
    expect(Date.now()).toBeGreaterThanOrEqual(claimsOf(john.headers.Authorization).exp * 1_000);
  });

  test.each([
    ["cookie", (text: string) => ({ Cookie: `__Host-halftone=${text}` })],
    ["key", (text: string) => ({ "X-API-Key": text })],
  ] as const)("ends when the %s that opened it has run out, and not before", async (kind, carry) => {
    const expiresAt = Date.now() + 3_000;
    const { text } = await credentialOf(kind, false, newId(), { expiresAt });
    const stream = await listen({ headers: carry(text) });
    await stream.ended();
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  });

  test("ends when the session behind its token is ended", async () => {
    const john = await signIn();
    const stream = await listen(john);
    await auth.revoke(claimsOf(john.headers.Authorization).sid);
    await stream.ended();
  });
});
