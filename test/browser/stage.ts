import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type Complaints, launchBrowser, listenForComplaints } from "./launch.ts";
import { type Product, startProduct } from "./product.ts";

/** What a file of tests plays on: the product and a browser for the file, a page and its cookies for each test. */
export let product: Product;
export let browser: Browser;
export let context: BrowserContext;
export let page: Page;
/** What that page has complained of. */
export let complaints: Complaints;

beforeAll(async () => {
  [product, browser] = await Promise.all([startProduct(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await product?.close();
});

beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  complaints = listenForComplaints(page);
});
afterEach(() => context.close());
