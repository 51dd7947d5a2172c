import { expect, test } from "vitest";
import type { ImageStatusView } from "../../shared/contracts/images.ts";
import { makePhoto } from "../system/support/photo.ts";
import { page, product } from "./stage.ts";
import { chooseFile, signUp } from "./steps.ts";

/** A photo takes a second or two; a busy machine is given much longer before the test calls it broken. */
const SIZES_MADE_WITHIN_MS = 90_000;

const ready = (count: number) =>
  page
    .getByRole("status")
    .filter({ hasText: `${count} ready` })
    .waitFor({ timeout: SIZES_MADE_WITHIN_MS });

async function choosePhoto(name: string, seed: number): Promise<void> {
  await chooseFile(page, name, "image/jpeg", await makePhoto({ width: 640, height: 480 }, seed));
}

test("a photo's sizes light up when the stream says so, though its status never does", async () => {
  await signUp(page, product.url);
  await choosePhoto("first.jpg", 1);
  await ready(1);

  let questions = 0;
  await page.route("**/status", (route) => {
    questions += 1;
    const json: ImageStatusView = {
      id: new URL(route.request().url()).pathname.split("/").at(-2) ?? "",
      status: "processing",
      errorMessage: null,
      thumbHash: null,
      dominantColour: null,
    };
    return route.fulfill({ json });
  });
  await choosePhoto("second.jpg", 2);
  await ready(2);
  expect(await page.locator(".photo-frame img[srcset]").count()).toBe(2);
  expect(questions).toBeLessThanOrEqual(2);
});

test("where the stream cannot be had, the status is asked for", async () => {
  await page.route("**/api/images/events", (route) => route.fulfill({ status: 503 }));
  await signUp(page, product.url);
  await choosePhoto("only.jpg", 3);
  await ready(1);
});
