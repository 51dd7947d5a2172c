import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { sharedProduct } from "../system/support/shared-product.ts";
import { type Complaints, launchBrowser, listenForComplaints } from "./launch.ts";

/** What tests play on: one product for all files, a browser for the file, a page and its cookies for each test. */
export let product: { url: string };
export let browser: Browser;
export let context: BrowserContext;
export let page: Page;
/** What that page has complained of. */
export let complaints: Complaints;

/** `HALFTONE_URL` names one that runs already. */
async function theProduct(): Promise<{ url: string }> {
  const running = process.env.HALFTONE_URL;
  return running === undefined ? sharedProduct() : { url: running };
}

beforeAll(async () => {
  [product, browser] = await Promise.all([theProduct(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
});

beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  complaints = listenForComplaints(page);
});
afterEach(() => context.close());
