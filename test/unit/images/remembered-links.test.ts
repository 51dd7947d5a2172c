import { expect, test } from "vitest";
import { RememberedLinks } from "../../../workers/images/src/remembered-links.ts";

const ASKED_AGAIN_EVERY = 1_000;
const MADE = 20_000;

test("links that are asked for now and then are remembered, others are forgotten, so that they never become too many", () => {
  const links = new RememberedLinks();
  links.set("favourite", "/favourite");
  for (let i = 0; i < MADE; i++) {
    links.set(`claims ${i}`, `/${i}`);
    if (i % ASKED_AGAIN_EVERY === 0) expect(links.get("favourite")).toBe("/favourite");
  }
  const held = Array.from({ length: MADE }, (_, i) => links.get(`claims ${i}`)).filter((path) => path !== undefined);
  expect(links.get(`claims ${MADE - 1}`)).toBe(`/${MADE - 1}`);
  expect(held.length).toBeLessThanOrEqual(5_000);
});

test("what was never made is not remembered", () => {
  expect(new RememberedLinks().get("claims")).toBeUndefined();
});
