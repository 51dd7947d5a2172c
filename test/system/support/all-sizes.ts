import { expect } from "vitest";
import type { Client } from "./client.ts";
import { psnr } from "./compare.ts";

/** Below this a viewer begins to see the difference. */
const VISIBLY_EQUAL_DB = 30;

/** Uploads a photo and looks at every size of it with an independent decoder. */
export async function expectAllSizes(client: Client, photo: Buffer): Promise<void> {
  const { id } = await client.uploadPhoto(photo);
  expect(await client.settled(id)).toMatchObject({ status: "complete", errorMessage: null });
  const { sizes } = await client.details(id);
  for (const name of ["thumbnail", "small", "medium", "large"] as const) {
    const answer = await fetch(sizes[name]?.url ?? "");
    expect(answer.status).toBe(200);
    const picture = Buffer.from(await answer.arrayBuffer());
    expect(await psnr(picture, photo), `PSNR of ${name} in dB`).toBeGreaterThanOrEqual(VISIBLY_EQUAL_DB);
  }
}
