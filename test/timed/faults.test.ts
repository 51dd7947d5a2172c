import { afterAll, beforeAll, describe, test } from "vitest";
import type { Fault } from "../fault/faults.ts";
import { FaultMatrix, READS } from "../fault/matrix.ts";
import { Client } from "../system/support/client.ts";
import { type FaultyProduct, startFaultyProduct } from "../system/support/faulty-product.ts";

/** The kinds that fail at once. `npm run test:long` takes all of them, and bytes too. */
const QUICK: Fault[] = ["throw", "reset", "wrong_json"];

let product: FaultyProduct;
let matrix: FaultMatrix;

beforeAll(async () => {
  product = await startFaultyProduct();
  matrix = new FaultMatrix(product, await Client.signUp(product.url));
});
afterAll(() => product.close());

describe.concurrent("a service that breaks", () => {
  test.for(READS)("$service is answered for in words, and is back within five seconds", async (read) => {
    for (const fault of QUICK) await matrix.breakHttp(read, fault);
  });

  test("the resizer is reported, and reported well again", () => matrix.breakResizer("throw"));
});

test("while auth breaks for those who ask it by a call, tokens are read and keys are answered for", async () => {
  for (const fault of QUICK) await matrix.breakCalls(fault);
});
