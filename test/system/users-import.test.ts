import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import { Client } from "./support/client.ts";
import { Disk } from "./support/disk.ts";
import { runScript } from "./support/run-script.ts";

const PASSWORD = "correct horse battery";
/** Made by other implementations: libxcrypt, and Werkzeug in Python. */
const BCRYPT = "$2b$06$N9qo8uLOickgx2ZMRZoMyeHeZfKH45w1ifY2deNgSwK435WnAcNrK";
const PBKDF2 = "pbkdf2:sha256:50000$HFp9OOuQMDDOxjSc$c8d216b44b426d0aab24d93b8e1f80a1a341777585660b954eab3c35b44c552d";

const home = mkdtempSync(join(tmpdir(), "halftone-import-"));
const disk = new Disk(home);
let product: Halftone;

beforeAll(async () => {
  product = await startHalftone({ state: home, bundled: true, vars: { LOG_LEVEL: "error" } });
});
afterAll(async () => {
  await product?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Runs a command of package.json over this copy's data. */
function command(script: string, ...args: string[]) {
  return runScript(script, args, { HALFTONE_STATE: home });
}

function listOf(name: string, content: string): string {
  const file = join(home, name);
  writeFileSync(file, content);
  return file;
}

function importList(name: string, content: string, ...args: string[]) {
  return command("users-import.mjs", listOf(name, content), ...args);
}

function countUsers(): number {
  return disk.rows("SELECT id FROM users").length;
}

describe("npm run users:import", () => {
  test("brings people with their passwords, once, and tells their log", async () => {
    const list = [
      "Email,username,name,created,passwordHash,id",
      `ANA@example.com,Ana,Ana O'Brien,2019-05-04 12:00:00,${BCRYPT},17`,
      `bob@example.com,,,,${PBKDF2},18`,
    ].join("\n");
    const ids = join(home, "ids.csv");
    const first = await importList("users.csv", list, "--ids", ids);
    expect(first).toMatchObject({
      code: 0,
      printed: expect.stringContaining("2 users imported, 0 were here already."),
    });
    const again = await importList("users.csv", list);
    expect(again.printed).toContain("0 users imported, 2 were here already.");

    const ana = await Client.signIn(product.url, { email: "ana@example.com", password: PASSWORD });
    expect(ana.account.user).toMatchObject({
      username: "Ana",
      name: "Ana O'Brien",
      role: "user",
      created: "2019-05-04T12:00:00.000Z",
    });
    const bob = await Client.signIn(product.url, { email: "bob@example.com", password: PASSWORD });
    expect(bob.account.user.username).toBe("bob");
    expect(readFileSync(ids, "utf8")).toBe(`id,user_id\n17,${ana.account.userId}\n18,${bob.account.userId}\n`);

    const actions = async () =>
      (await ana.json<{ action: string; metadata: object }[]>("/api/audit/logs")).map(({ action, metadata }) => ({
        action,
        metadata,
      }));
    await expect
      .poll(actions, { timeout: 20_000 })
      .toContainEqual({ action: "USER_REGISTER", metadata: expect.objectContaining({ source: "import" }) });
  });

  test("takes a JSON array too", async () => {
    const list = JSON.stringify([{ email: "cy@example.com", username: "cyrus", password_hash: BCRYPT, id: 4 }]);
    expect((await importList("users.json", list)).printed).toContain("1 users imported");
    await Client.signIn(product.url, { email: "cy@example.com", password: PASSWORD });
  });

  test("imports nothing when one row is wrong, says which and why, and shows no hash", async () => {
    const before = countUsers();
    const list = [
      "email,username,created,password_hash",
      `good@example.com,,,${BCRYPT}`,
      `nobody,x,2090-01-01T00:00:00Z,${BCRYPT.replace("$06$", "$31$")}`,
      "eve@example.com,,,hunter2",
      `good@example.com,,yesterday,${BCRYPT}`,
    ].join("\n");
    const { code, printed } = await importList("wrong.csv", list);
    expect(code).toBe(1);
    for (const complaint of [
      "line 3: email",
      "line 3: password_hash asks for more work than a login may cost",
      "line 3: username",
      "line 3: created",
      "line 4: password_hash is no hash of a kind that can be checked",
      "line 5: created is no date",
    ]) {
      expect(printed).toContain(complaint);
    }
    expect(printed).not.toMatch(/N9qo8uLO|hunter2/);
    expect(countUsers()).toBe(before);
  });

  test.each([
    ["a user name that somebody has", `email,username,password_hash\nzoe@example.com,ADMIN,${BCRYPT}`, "taken"],
    [
      "one address twice",
      `email,password_hash\nzoe@example.com,${BCRYPT}\nZoe@example.com,${BCRYPT}`,
      "line 2 already",
    ],
    ["a role", `email,password_hash,role\nzoe@example.com,${BCRYPT},admin`, "unknown column role"],
  ])("takes no list with %s", async (_what, list, complaint) => {
    const { code, printed } = await importList("list.csv", list);
    expect([code, printed]).toEqual([1, expect.stringContaining(complaint)]);
  });
});

test("npm run admin makes an admin once and tells the log in the same transaction", async () => {
  const person = await Client.signUp(product.url);
  const { email, userId } = person.account;
  for (let run = 0; run < 2; run++) expect((await command("admin.mjs", email)).code).toBe(0);
  expect(disk.rows(`SELECT role, version FROM users WHERE id = '${userId}'`)).toEqual([{ role: "admin", version: 2 }]);

  // The command's event leaves with the next one that auth writes.
  await person.send("PUT", `/api/users/${userId}`, { name: "Root" });
  const changes = async () =>
    (await person.json<{ action: string; metadata: object }[]>("/api/audit/logs"))
      .filter(({ action }) => action === "ADMIN_ROLE")
      .map(({ metadata }) => metadata);
  await expect.poll(changes, { timeout: 20_000 }).toEqual([expect.objectContaining({ from: "user", to: "admin" })]);
});
