import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { manifestOf, services } from "../../../scripts/lib/paths.mjs";
import { readLocalSettings, readSettings, requiredSecretsOf, varsOf } from "../../../scripts/lib/read-settings.mjs";
import { settings } from "../../../scripts/lib/settings.mjs";

/** Formatted tables pad their cells. */
const documentation = readFileSync(join(import.meta.dirname, "../../../docs/commands.md"), "utf8").replaceAll(
  / +/g,
  " ",
);
const known = settings.map(({ name }) => name);

describe("the settings", () => {
  test("are all in the one table that a start checks", () => {
    const declared = services.flatMap((service) => [...varsOf(service), ...requiredSecretsOf(service)]);
    const listed = [...known, "SERVICE_NAME"];
    expect(declared.filter((name) => !listed.includes(name))).toEqual([]);
  });

  test("are all explained in docs/commands.md with their defaults", () => {
    for (const setting of settings) {
      expect(documentation).toContain(
        `| \`${setting.name}\` | ${setting.for} | ${setting.default} | ${setting.means} |`,
      );
    }
  });

  test.each([
    ["PORT", "abc"],
    ["PORT", "70000"],
    ["RATE_LIMIT", "x"],
    ["LOG_LEVEL", "loud"],
    ["JWT_ACCESS_EXPIRE", "15"],
    ["MAX_UPLOAD_BYTES", "-1"],
    ["STORAGE_PATH", "../up"],
    ["VARIANT_FORMATS", "webp,png"],
    ["JWT_SECRET", "your-super-secret-jwt-key-change-in-production"],
    ["JWT_REFRESH_SECRET", "short"],
    ["JWT_SECRET_PREVIOUS", "short"],
    ["SESSION_CHECK", "sometimes"],
  ])("stop the start with one sentence when %s is %s", (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(`The setting ${name} cannot be used: write `);
  });

  test("of the environment reach only the Workers that declare them", () => {
    expect(readSettings({ RATE_LIMIT: "7", HOME: "/somewhere" })).toEqual({ RATE_LIMIT: "7" });
    expect(readSettings({ JWT_SECRET_PREVIOUS: "" })).toEqual({ JWT_SECRET_PREVIOUS: "" });
  });

  test("let a local copy take common passwords with a warning, and a deployment refuse them", () => {
    const manifest = readFileSync(manifestOf("auth"), "utf8");
    expect(manifest).toContain('PASSWORD_BLOCKLIST = "refuse"');
    expect(readLocalSettings({})).toMatchObject({ PASSWORD_BLOCKLIST: "warn" });
    expect(readLocalSettings({ PASSWORD_BLOCKLIST: "off" })).toMatchObject({ PASSWORD_BLOCKLIST: "off" });
  });
});
