import { expect, test } from "vitest";
import { matchRoute, paths, redirectFor } from "../../../frontend/src/routes.ts";

/** Where a person is sent from an address. */
function sentFrom(address: string, signedIn: boolean): string | null {
  const { pathname, search } = new URL(address, "http://halftone.test");
  return redirectFor(matchRoute(pathname), pathname, search, signedIn);
}

test("every page has its address, with or without a slash at the end", () => {
  expect(matchRoute("/")).toEqual({ name: "landing" });
  expect(matchRoute("/app")).toEqual({ name: "library" });
  expect(matchRoute("/app/")).toEqual({ name: "library" });
  expect(matchRoute("/app/sign-in")).toEqual({ name: "sign-in" });
  expect(matchRoute("/app/sign-up")).toEqual({ name: "sign-up" });
  expect(matchRoute("/app/account")).toEqual({ name: "account" });
  expect(matchRoute(paths.photo("a b/ü"))).toEqual({ name: "photo", id: "a b/ü" });
});

test("an address of no page is unknown", () => {
  for (const path of ["/app/photos", "/app/photos/1/2", "/app/photos/%ff", "/application", ""]) {
    expect(matchRoute(path)).toEqual({ name: "unknown" });
  }
});

test("a stranger is sent to sign in from private pages, with the way back", () => {
  expect(sentFrom("/app", false)).toBe("/app/sign-in");
  expect(sentFrom("/app/account", false)).toBe("/app/sign-in?next=%2Fapp%2Faccount");
  expect(sentFrom("/app/photos/1", false)).toBe("/app/sign-in?next=%2Fapp%2Fphotos%2F1");
  expect(sentFrom("/", false)).toBeNull();
  expect(sentFrom("/app/sign-up", false)).toBeNull();
});

test("a person who is signed in is sent from the pages for strangers to the photos, or to where they wanted to go", () => {
  expect(sentFrom("/", true)).toBe("/app");
  expect(sentFrom("/app/sign-in", true)).toBe("/app");
  expect(sentFrom("/app/sign-in?next=%2Fapp%2Fphotos%2F1", true)).toBe("/app/photos/1");
  expect(sentFrom("/app/sign-in?next=%2Fapp%2Faccount", true)).toBe("/app/account");
  expect(sentFrom("/app", true)).toBeNull();
  expect(sentFrom("/app/account", true)).toBeNull();
});

test("the way back leads nowhere but to a page of this app", () => {
  for (const next of [
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "javascript:alert(1)",
    "/api/users",
    "/app/../x",
  ]) {
    expect(sentFrom(`/app/sign-in?next=${encodeURIComponent(next)}`, true)).toBe("/app");
  }
});
