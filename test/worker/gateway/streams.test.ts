import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { EventStream } from "../../support/event-stream.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { auth, claimsOf } from "./scripted-auth.ts";

/** Opens a stream that tells one thing and never ends by itself. */
async function listen(as: Person): Promise<EventStream> {
  const answer = await call("/api/images/events", { as });
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

  test("ends when the session behind its token is ended", async () => {
    const john = await signIn();
    const stream = await listen(john);
    await auth.revoke(claimsOf(john.headers.Authorization).sid);
    await stream.ended();
  });
});
