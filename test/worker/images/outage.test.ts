import { expect, test } from "vitest";
import { signIn } from "../sign-in.ts";
import { callWith } from "./counted-env.ts";

const LIST_IMAGES = "/halftone.images.v1.ImageDelivery/ListImages";

/** A database whose every statement fails for this reason. */
function broken(reason: string): D1Database {
  const prepare = () => {
    throw new Error(reason);
  };
  return { prepare } as unknown as D1Database;
}

async function answersWhile(reason: string) {
  const { headers } = await signIn();
  const json = { ...headers, "Content-Type": "application/json" };
  const list = await callWith({ DB: broken(reason) }, "/api/images", headers);
  const grpc = await callWith({ DB: broken(reason) }, LIST_IMAGES, json, "{}");
  return {
    list: [list.status, (await list.json<{ code: string }>()).code, list.headers.get("Retry-After")],
    grpc: [grpc.status, (await grpc.json<{ code: string }>()).code],
  };
}

test("a database that is away for the moment is answered 503, with a time to come again", async () => {
  const answers = await answersWhile("D1_ERROR: Network connection lost.");
  expect(answers).toEqual({ list: [503, "service_unavailable", "1"], grpc: [503, "unavailable"] });
});

test("a statement that can never work is a bug of ours, which nobody is told to repeat", async () => {
  const answers = await answersWhile("D1_ERROR: no such column: nme");
  expect(answers).toEqual({ list: [500, "internal_error", null], grpc: [500, "internal"] });
});
