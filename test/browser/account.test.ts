import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { browser, complaints, context, page, product } from "./stage.ts";
import { newEmail, PASSWORD, signUp, submitAccountForm } from "./steps.ts";

/** The promise: what was ended is refused everywhere within this time. */
const REFUSED_WITHIN_MS = 5_000;
/** An empty account takes a second or two; a busy machine is given much longer before the test calls it broken. */
const EXPORTED_WITHIN_MS = 60_000;
const SMALLEST_SCREEN = { width: 320, height: 640 };

async function openAccount(of: Page): Promise<void> {
  await of.getByRole("navigation", { name: "Account" }).getByRole("link").click();
  await of.getByText("This device").waitFor();
}

/** The same person in another browser. */
async function signInElsewhere(email: string, userAgent: string): Promise<Page> {
  const other = await (await browser.newContext({ userAgent })).newPage();
  await other.goto(`${product.url}/app/sign-in`);
  await submitAccountForm(other, email, PASSWORD);
  await other.getByText("No photos yet").waitFor();
  return other;
}

/** Makes a key by the form on the screen. @param may what is ticked. @returns the key, put away again */
async function makeKey(name: string, may: string): Promise<string> {
  await page.getByLabel("Name of a new key").fill(name);
  await page.getByLabel(may).check();
  await page.getByRole("button", { name: "Make a key" }).click();
  const key = await page.getByRole("textbox", { name: `The key ${name}` }).inputValue();
  await page.getByRole("button", { name: "Done" }).click();
  return key;
}

const devicesOf = (of: Page) => of.getByRole("region", { name: "Devices" }).getByRole("listitem");

describe("the session", () => {
  test("outlives a reload, in a cookie that no script can read; nothing that opens anything is kept elsewhere", async () => {
    const email = await signUp(page, product.url);
    await page.reload();
    await page.getByText("No photos yet").waitFor();

    const [cookie, ...others] = await context.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: "halftone", httpOnly: true, sameSite: "Strict", path: "/" });
    const readable = await page.evaluate(() => ({
      local: Object.entries(localStorage),
      session: Object.entries(sessionStorage),
      cookie: document.cookie,
    }));
    const person = { userId: expect.any(String), email };
    expect(readable).toEqual({ local: [["halftone.person", expect.any(String)]], session: [], cookie: "" });
    expect(JSON.parse(readable.local[0]?.[1] ?? "")).toEqual(person);
    expect(complaints.list).toEqual([]);
  });

  test("begins and ends in all tabs at once", async () => {
    const second = await context.newPage();
    await second.goto(`${product.url}/app/sign-in`);
    await second.getByRole("heading", { name: "Sign in" }).waitFor();
    await signUp(page, product.url);
    await second.getByText("No photos yet").waitFor();

    await page.getByRole("button", { name: "Sign out" }).click();
    await second.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await context.cookies()).toEqual([]);
    expect(complaints.list).toEqual([]);
  });

  test("is kept when signing out fails, and the person is told", async () => {
    const email = await signUp(page, product.url);
    complaints.expectRefusalOf("/api/auth/logout");
    const refusal = { status: 503, json: { code: "service_unavailable", detail: "The auth service is away." } };
    await page.route("**/api/auth/logout", (route) => route.fulfill(refusal), { times: 1 });
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("The auth service is away.").waitFor();
    expect(await page.getByRole("link", { name: email }).isVisible()).toBe(true);
    expect(complaints.list).toEqual([]);
  });

  test("ends at the sign-in page with a sentence when it was ended elsewhere", async () => {
    await signUp(page, product.url);
    await context.clearCookies();
    complaints.expectRefusalOf("/api/images");
    await page.reload();
    await page.getByText("Your session has ended").waitFor();
    expect(new URL(page.url()).pathname).toBe("/app/sign-in");
    expect(complaints.list).toEqual([]);
  });

  test("is found by the page when a plain form has begun it", async () => {
    const email = newEmail();
    await page.goto(product.url);
    await page.evaluate(
      ([address, password]) => {
        const form = document.createElement("form");
        form.method = "post";
        form.action = "/register-form";
        for (const [name, value] of Object.entries({ email: address, password })) {
          const field = document.createElement("input");
          field.name = name;
          field.value = value ?? "";
          form.append(field);
        }
        document.body.append(form);
        form.submit();
      },
      [email, PASSWORD],
    );
    await page.getByText("No photos yet").waitFor();
    expect(await page.getByRole("link", { name: email }).isVisible()).toBe(true);
    expect(complaints.list).toEqual([]);
  });
});

describe("the account page", () => {
  test("lists the devices, and signs one out, which is noticed there", async () => {
    const email = await signUp(page, product.url);
    const phone = await signInElsewhere(email, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) Version/18.5 Safari/604.1");
    await openAccount(page);
    expect(await devicesOf(page).count()).toBe(2);

    await page.getByRole("button", { name: "Sign out Safari on iPhone" }).click();
    await page.getByRole("status").filter({ hasText: "Safari on iPhone is signed out." }).waitFor();
    await expect.poll(() => devicesOf(page).count()).toBe(1);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Devices");

    await phone.getByRole("link", { name: email }).click();
    await phone.getByText("Your session has ended").waitFor();
    expect(complaints.list).toEqual([]);
  });

  test("signs out all other devices, or all of them, and asks before", async () => {
    const email = await signUp(page, product.url);
    await signInElsewhere(email, "one");
    await signInElsewhere(email, "another");
    await openAccount(page);
    expect(await devicesOf(page).count()).toBe(3);
    await page.getByRole("button", { name: "Sign out other devices" }).click();
    await page.getByRole("button", { name: "Sign all others out?" }).click();
    await page.getByText("All other devices are signed out.").waitFor();
    await expect.poll(() => devicesOf(page).count()).toBe(1);

    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    await page.getByRole("button", { name: "Sign out here, too?" }).click();
    await page.getByText("You are signed out everywhere.").waitFor();
    expect(new URL(page.url()).pathname).toBe("/app/sign-in");
    expect(complaints.list).toEqual([]);
  });

  test("makes an API key that does what was ticked, shows it once, and ends it", async () => {
    await signUp(page, product.url);
    await openAccount(page);
    complaints.expectRefusalOf("/api/keys");
    await page.getByRole("button", { name: "Make a key" }).click();
    await page.getByText("needs at least one").waitFor();

    await page.getByLabel("Name of a new key").fill("backup");
    await page.getByLabel("read your photos").check();
    await page.getByRole("button", { name: "Make a key" }).click();
    const key = await page.getByRole("textbox", { name: "The key backup" }).inputValue();
    const statusOf = async (path: string) =>
      (await fetch(`${product.url}${path}`, { headers: { "X-API-Key": key } })).status;
    expect([await statusOf("/api/images"), await statusOf("/api/orders")]).toEqual([200, 403]);

    await page.reload();
    await page.getByText("images:read").waitFor();
    expect(await page.content()).not.toContain(key);
    await page.getByRole("button", { name: "End the key backup" }).click();
    await page.getByRole("button", { name: "End it?" }).click();
    await page.getByText("The key backup is ended.").waitFor();
    await expect.poll(() => statusOf("/api/images"), { timeout: REFUSED_WITHIN_MS }).toBe(401);
    expect(complaints.list).toEqual([]);
  });

  test("says in words that a key may share, and a key with that ticked does", async () => {
    await signUp(page, product.url);
    await openAccount(page);
    const send = (key: string, method: string, path: string, body: string | null = null) =>
      fetch(`${product.url}${path}`, { method, headers: { "X-API-Key": key }, body });
    const uploader = await makeKey("uploader", "upload, change and delete your photos and files");
    const sharer = await makeKey("sharer", "make your photos and files public, and share them by links");

    const { id } = (await (await send(uploader, "PUT", "/api/files", "to be shared")).json()) as { id: string };
    expect((await send(uploader, "POST", `/api/files/${id}/shares`)).status).toBe(403);
    const shared = await send(sharer, "POST", `/api/files/${id}/shares`);
    expect(shared.status).toBe(201);
    const { url } = (await shared.json()) as { url: string };
    expect(await (await fetch(url)).text()).toBe("to be shared");
    expect(complaints.list).toEqual([]);
  });

  test("changes the password, which signs other devices out", async () => {
    const email = await signUp(page, product.url);
    await signInElsewhere(email, "another");
    await openAccount(page);
    complaints.expectRefusalOf("/api/users/me/password");
    await page.getByLabel("Current password").fill("not my password");
    await page.getByLabel("New password").fill("another password of mine");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.locator("input[name=currentPassword][aria-invalid=true]").waitFor();

    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("One other device was signed out.").waitFor();
    await expect.poll(() => devicesOf(page).count()).toBe(1);

    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("link", { name: "Sign in" }).first().click();
    await submitAccountForm(page, email, "another password of mine");
    await page.getByText("No photos yet").waitFor();
    expect(complaints.list).toEqual([]);
  });

  test("makes a copy of everything that is kept, to download with the cookie alone", async () => {
    const email = await signUp(page, product.url);
    await openAccount(page);
    await page.getByRole("button", { name: "Make a copy" }).click();
    await page.getByText("Your copy is ready").waitFor({ timeout: EXPORTED_WITHIN_MS });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download Profile, sessions and keys" }).click(),
    ]);
    const chunks = await (await download.createReadStream()).toArray();
    expect(Buffer.concat(chunks).toString()).toContain(email);
    expect(complaints.list).toEqual([]);
  });

  test("deletes the account when its address is typed and the password is right", async () => {
    const email = await signUp(page, product.url);
    await openAccount(page);
    const deletes = page.getByRole("button", { name: "Delete account" });
    expect(await deletes.isDisabled()).toBe(true);
    await page.getByLabel(`Type ${email}`).fill(email);
    await page.getByLabel("Your password").fill(PASSWORD);
    await deletes.click();
    await page.getByText("Your account is deleted.").waitFor();

    complaints.expectRefusalOf("/api/auth/login");
    await page.goto(`${product.url}/app/sign-in`);
    await submitAccountForm(page, email, PASSWORD);
    await page.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
    expect(complaints.list).toEqual([]);
  });

  test("fits the smallest screen, and is worked by the keyboard alone", async () => {
    await page.setViewportSize(SMALLEST_SCREEN);
    const email = await signUp(page, product.url);
    await signInElsewhere(email, "another");
    await openAccount(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(SMALLEST_SCREEN.width);

    await page.getByRole("button", { name: "Sign out another" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("another is signed out.").waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("Sign out everywhere");
    expect(complaints.list).toEqual([]);
  });
});
