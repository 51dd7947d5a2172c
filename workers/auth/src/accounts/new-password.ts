import type { Settings } from "../env.ts";
import { isCommonPassword } from "../passwords/password-blocklist.ts";

/** What happens to the commonest passwords (C33). */
export type CommonPasswords = Settings["PASSWORD_BLOCKLIST"];

const COMMON_PASSWORD = "This password is one of the first that anybody would guess. Choose another one.";

/** What is to be said against a new password; undefined when nothing is, or when nobody wants to know. */
export async function warningOf(password: string, commonPasswords: CommonPasswords): Promise<string | undefined> {
  if (commonPasswords === "off") return undefined;
  return (await isCommonPassword(password)) ? COMMON_PASSWORD : undefined;
}
