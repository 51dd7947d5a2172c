import { afterAll, beforeAll, describe, test } from "vitest";
import { FAULTS } from "../fault/faults.ts";
import { FaultMatrix, READS } from "../fault/matrix.ts";
import { Client } from "../system/support/client.ts";
import { type FaultyProduct, startFaultyProduct } from "../system/support/faulty-product.ts";
import { makePhoto } from "../system/support/photo.ts";

const FIVE_MINUTES_MS = 300_000;

let product: FaultyProduct;
let client: Client;
let matrix: FaultMatrix;

beforeAll(async () => {
  product = await startFaultyProduct();
  client = await Client.signUp(product.url);
  matrix = new FaultMatrix(product, client);
});
afterAll(() => product.close());

describe.concurrent("a service that breaks", () => {
  test.for(READS)(
    "$service is answered for in time and in words, and is back within five seconds",
    { timeout: FIVE_MINUTES_MS },
    async (read) => {
      for (const fault of FAULTS) await matrix.breakHttp(read, fault);
    },
  );

  test("the resizer is reported, and reported well again", { timeout: FIVE_MINUTES_MS }, async () => {
    for (const fault of FAULTS) await matrix.breakResizer(fault);
  });
});

test("bytes that break off arrive as a broken download, never as a whole one", async () => {
  const { url } = await client.uploadPhoto(await makePhoto({ width: 640, height: 480 }));
  await matrix.breakBytes(url);
});

describe("while auth breaks for those who ask it by a call", () => {
  test.for(FAULTS)("tokens are read and keys are answered for in time: %s", (fault) => matrix.breakCalls(fault));
});
