import { expect, test } from "vitest";
import { Client } from "./support/client.ts";
import { readLogs } from "./support/logs.ts";
import { makePhoto } from "./support/photo.ts";
import { sharedProduct } from "./support/shared-product.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const REQUEST_ID = "a-photo-of-mine-77";

/** Uploads a photo in a trace of the client's own, waits for its sizes, and places an order. */
async function work(url: string): Promise<void> {
  const client = await Client.signUp(url);
  const photo = await makePhoto({ width: 320, height: 240 });
  const upload = await client.fetch("/api/images", {
    method: "PUT",
    headers: {
      "Content-Type": "image/jpeg",
      "X-Request-Id": REQUEST_ID,
      traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`,
    },
    body: new Uint8Array(photo),
  });
  expect(upload.status).toBe(202);
  expect(upload.headers.get("X-Request-Id")).toBe(REQUEST_ID);
  const { id } = (await upload.json()) as { id: string };
  expect((await client.settled(id)).status).toBe("complete");
  expect((await client.send("POST", "/api/orders", { product: "Mug", quantity: 1, price: 12.5 })).status).toBe(201);
}

test("an upload is one trace through the front door, the images service, the queue and the resizer", async () => {
  const { url, state } = await sharedProduct();
  await work(url);
  const ofTrace = () => readLogs(state).filter(({ traceId }) => traceId === TRACE_ID);
  // The processes' lines come to their files each in its own time.
  await expect
    .poll(() => ofTrace().map(({ service, msg, outcome }) => [service, msg, outcome].filter(Boolean).join(": ")))
    .toEqual(
      expect.arrayContaining([
        "gateway: request",
        "images: request",
        "images: job claimed",
        "images: job completed",
        "resizer: job: complete",
      ]),
    );
  expect(ofTrace().filter(({ requestId }) => requestId !== REQUEST_ID)).toEqual([]);
  const requests = readLogs(state).filter(({ msg }) => msg === "request");
  expect(requests.filter(({ requestId, traceId }) => !requestId || !traceId)).toEqual([]);
  expect(readLogs(state).filter(({ level }) => level === "debug")).toEqual([]);
});
