import type { Page } from "playwright-core";

export const PASSWORD = "a-password-of-our-own";

let people = 0;

/** An address that nobody has signed up with. */
export function newEmail(): string {
  people += 1;
  return `visitor-${process.pid}-${Date.now()}-${people}@example.com`;
}

/** Fills in the form on the screen, to sign up or to sign in. */
export async function submitAccountForm(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("main").getByRole("button").click();
}

/** Signs a new person up, who then looks at the empty gallery. */
export async function signUp(page: Page, base: string): Promise<string> {
  const email = newEmail();
  await page.goto(`${base}/app/sign-up`);
  await submitAccountForm(page, email, PASSWORD);
  await page.getByText("No photos yet").waitFor();
  return email;
}

/** Hands files to the page as its file picker does. */
export async function chooseFile(page: Page, name: string, mimeType: string, buffer: Buffer): Promise<void> {
  await page.getByLabel("Choose photos").setInputFiles({ name, mimeType, buffer });
}

/** Keeps the page waiting for what it asks at some addresses. @returns lets it go on */
export async function holdBack(page: Page, ...addresses: string[]): Promise<() => void> {
  const { promise: released, resolve } = Promise.withResolvers<void>();
  for (const address of addresses) {
    await page.route(address, async (route) => {
      await released;
      await route.continue();
    });
  }
  return resolve;
}

/** Size in pixels of the picture on the stage, once it is loaded. */
export async function shownPicture(page: Page, alt: string): Promise<[number, number]> {
  const picture = page.getByRole("img", { name: alt });
  return picture.evaluate(async (element) => {
    if (!(element instanceof HTMLImageElement)) throw new Error("The stage shows no picture.");
    await element.decode();
    return [element.naturalWidth, element.naturalHeight];
  });
}
