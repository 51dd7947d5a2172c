import { describe, expect, test } from "vitest";
import type { WebhookWithSecret } from "../../../shared/contracts/webhooks.ts";
import { sealAnswers } from "../../../shared/idempotency/answer-seal.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { doors, env } from "./support.ts";

const HOOK = "https://shop.example.com/hooks/halftone";

function make(person: Person, json: object = { url: HOOK }): Promise<Response> {
  return call("/api/webhooks", { as: person, json, headers: { "Idempotency-Key": "a-key-of-the-client" } });
}

async function webhooksOf(person: Person): Promise<unknown[]> {
  return (await call("/api/webhooks", { as: person })).json();
}

describe("a webhook that is made twice under one key", () => {
  test("is one, whose secret both answers show", async () => {
    const john = await signIn();
    const [first, second] = [await make(john), await make(john)];
    expect([first.status, second.status, second.headers.get("Idempotent-Replayed")]).toEqual([201, 201, "true"]);
    for (const name of ["Location", "Cache-Control"]) expect(second.headers.get(name)).toBe(first.headers.get(name));
    const made = await first.json<WebhookWithSecret>();
    expect(made.secret).toMatch(/^whsec_/);
    expect(await second.json()).toEqual(made);
    expect(await webhooksOf(john)).toHaveLength(1);
  });

  test("is one for twenty at the same moment, which the limit does not count twenty times", async () => {
    const john = await signIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => make(john)));
    for (const { status } of answers) expect([201, 409]).toContain(status);
    expect((await make(john)).status).toBe(201);
    expect(await webhooksOf(john)).toHaveLength(1);
  });

  test("is refused where it is another one", async () => {
    const john = await signIn();
    await make(john);
    const other = await make(john, { url: `${HOOK}/2` });
    expect([other.status, (await other.json<{ code: string }>()).code]).toEqual([422, "key_reused"]);
    expect(await webhooksOf(john)).toHaveLength(1);
  });

  test("is kept with its secret sealed, and forgotten with its owner", async () => {
    const john = await signIn();
    const { secret } = await (await make(john)).json<WebhookWithSecret>();
    const kept = async () => JSON.stringify((await env.DB.prepare("SELECT * FROM idempotency_key").all()).results);
    expect(await kept()).toContain(john.id);
    expect(await kept()).not.toContain(secret);
    expect(await kept()).not.toContain("whsec_");
    while (!(await doors.PersonalDataService.eraseUser(john.id)));
    expect(await kept()).toBe("[]");
  });
});

test("a kept answer opens under its own key and secret alone, and after the secret has changed", async () => {
  const key = { userId: "john", route: "POST /api/webhooks", key: "k", fingerprint: null, claim: "c" };
  const sealed = await sealAnswers("an older secret").seal(key, "an answer");
  expect(await sealAnswers("a newer secret", "an older secret").open(key, sealed)).toBe("an answer");
  expect(await sealAnswers("a newer secret").open(key, sealed)).toBeNull();
  expect(await sealAnswers("an older secret").open({ ...key, userId: "jane" }, sealed)).toBeNull();
});
