import { expect, test } from "vitest";
import { Client } from "../system/support/client.ts";
import { complaints, page, product } from "./stage.ts";

test("the API's page shows every part of it, loads nothing from elsewhere, and breaks no rule of its policy", async () => {
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  const answer = await page.goto(`${product.url}/docs`);
  expect(answer?.headers()["content-security-policy"]).toContain("require-trusted-types-for 'script'");
  for (const tag of ["auth", "images", "orders", "audit", "soap", "system"]) {
    await page.locator(`#operations-tag-${tag}`).waitFor();
  }
  // The longest descriptions, forms, files and schemas are drawn only when they are opened.
  for (const operation of ["auth-postRegister", "images-postApiImagesUpload", "delivery-getUploadsById"]) {
    await page.locator(`#operations-tag-${operation.split("-")[0]}`).click();
    await page.locator(`#operations-${operation} .opblock-summary-control`).click();
    await page.locator(`#operations-${operation} .responses-wrapper`).waitFor();
  }
  expect([...hosts]).toEqual([new URL(product.url).host]);
  expect(complaints.list).toEqual([]);
});

test("with a pasted token, a person tries a request on it", async () => {
  const { account } = await Client.signUp(product.url);
  await page.goto(`${product.url}/docs`);
  await page.locator(".auth-wrapper .authorize").click();
  await page.getByLabel("auth-bearer-value").fill(account.accessToken);
  await page.getByLabel("Apply credentials").first().click();
  await page.locator(".btn-done").first().click();

  await page.locator("#operations-tag-users").click();
  const operation = page.locator("#operations-users-getApiUsersMe");
  await operation.locator(".opblock-summary-control").click();
  await operation.locator(".try-out__btn").click();
  await operation.locator(".execute").click();
  const live = operation.locator(".live-responses-table");
  await live.getByText(account.email).first().waitFor();
  expect(await live.locator(".response .response-col_status").innerText()).toContain("200");
  expect(complaints.list).toEqual([]);
});
