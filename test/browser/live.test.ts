import type { Route } from "playwright-core";
import { expect, test } from "vitest";
import type { ImageStatusView } from "../../shared/contracts/images.ts";
import { makePhoto } from "../system/support/photo.ts";
import { page, product } from "./stage.ts";
import { chooseFile, signUp } from "./steps.ts";

/** A photo takes a second or two; a busy machine is given much longer before the test calls it broken. */
const SIZES_MADE_WITHIN_MS = 90_000;

/** After this the page trusts no stream that has told nothing. */
const SILENCE_MS = 15_000;

/** A pause begins in the future: soon enough for the stream, which is kept for half a minute. */
const MOMENT_MS = 5_000;

const ready = (count: number) =>
  page
    .getByRole("status")
    .filter({ hasText: `${count} ready` })
    .waitFor({ timeout: SIZES_MADE_WITHIN_MS });

async function choosePhoto(name: string, seed: number): Promise<void> {
  await chooseFile(page, name, "image/jpeg", await makePhoto({ width: 640, height: 480 }, seed));
}

function stillProcessing(route: Route): Promise<void> {
  const json: ImageStatusView = {
    id: new URL(route.request().url()).pathname.split("/").at(-2) ?? "",
    status: "processing",
    errorMessage: null,
    thumbHash: null,
    dominantColour: null,
  };
  return route.fulfill({ json });
}

test("a photo's sizes light up when the stream says so, though its status never does", async () => {
  await page.clock.install();
  await signUp(page, product.url);
  await choosePhoto("first.jpg", 1);
  await ready(1);

  // The page's time stands still, so that it asks nothing again: what it learns from here on, the stream has told.
  await page.clock.pauseAt(Date.now() + MOMENT_MS);
  await page.route("**/status", stillProcessing);
  await choosePhoto("second.jpg", 2);
  await ready(2);
  await expect.poll(() => page.locator(".photo-frame img[srcset]").count()).toBe(2);
});

test("where a stream is open and tells nothing, the status is asked for all the same", async () => {
  await page.clock.install();
  await page.addInitScript(() => {
    class SilentSource extends EventTarget {
      static OPEN = 1;
      static CLOSED = 2;
      readyState = SilentSource.OPEN;
      close() {}
    }
    Object.assign(globalThis, { EventSource: SilentSource });
  });
  await page.route("**/status", stillProcessing, { times: 1 });
  await signUp(page, product.url);
  await choosePhoto("only.jpg", 4);
  await page.getByRole("status").filter({ hasText: "1 processing" }).waitFor();
  const summary = page.getByRole("region", { name: "Uploads" }).getByRole("status");
  const later = async () => {
    await page.clock.fastForward(SILENCE_MS);
    return summary.textContent();
  };
  await expect.poll(later, { timeout: SIZES_MADE_WITHIN_MS, interval: 1_000 }).toBe("1 ready");
});

test("where the stream cannot be had, the status is asked for", async () => {
  await page.route("**/api/images/events", (route) => route.fulfill({ status: 503 }));
  await signUp(page, product.url);
  await choosePhoto("only.jpg", 3);
  await ready(1);
});
