import { describe, expect, test } from "vitest";
import { readLine } from "../../../scripts/lib/log-lines.mjs";

describe("a line of a local copy's log", () => {
  test.each(["GET", "HEAD"])("never holds the token of a share, which wrangler notes with each %s", (method) => {
    const token = "0123456789abcdef0123456789abcdef01234567";
    const line = `\u001b[90m[wrangler:info]\u001b[39m ${method} /s/${token} \u001b[32m200 OK\u001b[39m (18ms)`;
    expect(readLine(line)).toEqual({ text: `[wrangler:info] ${method} /s/… 200 OK (18ms)` });
  });

  test("is otherwise as it was written", () => {
    const text = "[wrangler:info] GET /services 200 OK (3ms)";
    expect(readLine(text)).toEqual({ text });
    const entry = { level: "info", service: "gateway", msg: "request", path: "/s/…" };
    expect(readLine(JSON.stringify(entry))).toEqual({ entry });
  });
});
