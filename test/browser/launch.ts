import { type Browser, chromium, type Page } from "playwright-core";
import { resolveBrowser } from "../../scripts/browser.mjs";

/** A real browser, whichever this machine has. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, args, env } = await resolveBrowser();
  return chromium.launch({ executablePath, args, env });
}

/** What a page complained of: errors in its console, exceptions, and files that its security policy refused. */
export interface Complaints {
  list: string[];
  /** Expects one refusal of a request to an address that holds this text: browsers write every refusal to the console. */
  expectRefusalOf(address: string): void;
}

export function listenForComplaints(page: Page): Complaints {
  const list: string[] = [];
  const expectedRefusals: string[] = [];
  page.on("pageerror", (error) => list.push(error.message));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const address = message.location().url;
    const expected = expectedRefusals.findIndex((part) => address.includes(part));
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (isRefusal && expected !== -1) expectedRefusals.splice(expected, 1);
    else list.push(`${message.text()} (${address})`);
  });
  return { list, expectRefusalOf: (address) => expectedRefusals.push(address) };
}
