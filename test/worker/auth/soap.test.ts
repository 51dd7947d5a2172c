import { describe, expect, test } from "vitest";
import { call } from "../call.ts";
import {
  envelope,
  faultOf,
  getUserRequest,
  post,
  registerRequest,
  USERS_NAMESPACE,
  VERSION_NAMES,
  VERSIONS,
} from "./envelopes.ts";
import { authEnv, fetchWith, PASSWORD, register, sessionEvents, waitingEvents } from "./people.ts";

const JOHN = { email: "john@example.com", password: PASSWORD };

async function lookUp(username: string, headers: Record<string, string> = {}): Promise<Response> {
  return call(`/user/soap?username=${encodeURIComponent(username)}`, { headers });
}

describe.each(VERSION_NAMES)("SOAP %s", (version) => {
  const { namespace, contentType, client, clientStatus } = VERSIONS[version];
  const [type] = contentType.split(";");

  test("registers somebody who can then sign in, and opens no session for them", async () => {
    const fields = { ...JOHN, name: "John Doe", username: "johndoe" };
    const response = await post("/register", envelope(registerRequest(fields), version), version);
    const answer = await response.text();
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, `${type}; charset=utf-8`]);
    expect(answer).toContain(`<soap:Envelope xmlns:soap="${namespace}">`);
    expect(answer).toContain(`<tns:RegisterUserResponse xmlns:tns="${USERS_NAMESPACE}">`);
    expect(answer).toContain("<tns:username>johndoe</tns:username>");
    expect(answer).not.toContain(PASSWORD);

    const userId = /<tns:userId>(.*?)</.exec(answer)?.[1] ?? "";
    expect(await waitingEvents()).toMatchObject([{ type: "user.registered", resource: userId }]);
    expect(await sessionEvents(userId)).toEqual([]);
    expect((await call("/login", { json: JOHN })).status).toBe(200);
  });

  test("blames the client for an address that is taken, and writes nothing", async () => {
    await register(JOHN.email);
    const fault = await faultOf(await post("/register", envelope(registerRequest(JOHN), version), version));
    expect(fault).toMatchObject({ status: clientStatus, type, code: client, problem: "email_taken" });
    expect(await waitingEvents()).toHaveLength(1);
  });

  test("names the fields that do not fit", async () => {
    const request = registerRequest({ email: "no address", password: "short", role: "admin" });
    const fault = await faultOf(await post("/register", envelope(request, version), version));
    expect(fault).toMatchObject({ status: clientStatus, code: client, problem: "invalid_request" });
    for (const field of ["email", "password", "role"]) expect(fault.text).toContain(field);
  });

  test("looks somebody up by user name in any case, and tells no address", async () => {
    await register(JOHN.email, { username: "JohnDoe", name: "John Doe" });
    const response = await post("/user/soap", envelope(getUserRequest("johndoe"), version), version);
    const answer = await response.text();
    expect(response.status).toBe(200);
    expect(answer).toContain("<tns:username>JohnDoe</tns:username><tns:name>John Doe</tns:name>");
    expect(answer).not.toContain(JOHN.email);
  });

  test("blames the client for a user name that nobody has", async () => {
    const response = await post("/user/soap", envelope(getUserRequest("nobody"), version), version);
    expect(await faultOf(response)).toMatchObject({ status: clientStatus, code: client, problem: "not_found" });
  });

  test("refuses an operation that belongs to another door", async () => {
    for (const [path, request] of [
      ["/register", getUserRequest("john")],
      ["/user/soap", registerRequest(JOHN)],
      ["/login", registerRequest(JOHN)],
    ] as const) {
      const fault = await faultOf(await post(path, envelope(request, version), version));
      expect([path, fault.type, fault.code]).toEqual([path, type, client]);
    }
    expect(await waitingEvents()).toEqual([]);
  });

  test("refuses a header that must be understood, and ignores one that need not be or is for somebody else", async () => {
    const header = (attributes: string) => `<soap:Header><x:Security xmlns:x="urn:x" ${attributes}/></soap:Header>`;
    const send = (attributes: string) =>
      post("/user/soap", envelope(getUserRequest("nobody"), version, header(attributes)), version);
    const role = version === "1.1" ? "actor" : "role";

    const fault = await faultOf(await send('soap:mustUnderstand="1"'));
    expect(fault).toMatchObject({ status: 500, code: "MustUnderstand" });
    expect(fault.text.includes('<soap:NotUnderstood xmlns:h="urn:x" qname="h:Security"/>')).toBe(version === "1.2");
    for (const harmless of [
      "",
      'soap:mustUnderstand="0"',
      `soap:mustUnderstand="1" soap:${role}="urn:somebody-else"`,
    ]) {
      expect((await faultOf(await send(harmless))).code).toBe(client);
    }
  });

  test("answers our own failures as the server's", async () => {
    const prepare = () => {
      throw new Error("away");
    };
    const request = new Request("http://halftone.test/user/soap", {
      method: "POST",
      headers: { "Content-Type": contentType },
      body: envelope(getUserRequest("john"), version),
    });
    const fault = await faultOf(await fetchWith({ DB: { prepare } as unknown as D1Database }, request));
    expect(fault).toMatchObject({ status: 500, type, problem: "internal_error" });
    expect(fault.code).toBe(version === "1.1" ? "Server" : "Receiver");
    expect(fault.text).not.toContain("away");
  });
});

describe("the version of an answer", () => {
  test("is the envelope's, whatever the content type says", async () => {
    const fault = await faultOf(await post("/user/soap", envelope(getUserRequest("nobody"), "1.2"), "1.1"));
    expect(fault).toMatchObject({ status: 400, code: "Sender", type: "application/soap+xml" });
  });

  test("is the content type's where the envelope's is unknown, and 1.2 names those that would do", async () => {
    const future = envelope(getUserRequest("john")).replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:soap:2");
    const older = await faultOf(await post("/user/soap", future, "1.1"));
    expect(older).toMatchObject({ status: 500, type: "text/xml", code: "VersionMismatch" });
    const newer = await faultOf(await post("/user/soap", future, "1.2"));
    expect(newer).toMatchObject({ status: 500, type: "application/soap+xml", code: "VersionMismatch" });
    expect(newer.text.match(/<soap:SupportedEnvelope /g)).toHaveLength(2);
  });
});

describe("telling SOAP from other content", () => {
  test("takes a SOAPAction header for it, whatever the type", async () => {
    const headers = { "Content-Type": "text/plain", SOAPAction: '""' };
    const response = await call("/register", { body: envelope(registerRequest(JOHN)), headers });
    expect(response.status).toBe(200);
  });

  test.each(["/register", "/auth/register", "/api/register", "/api/auth/register", "/api/users/register"])(
    "takes it on %s too",
    async (path) => expect((await post(path, envelope(registerRequest(JOHN)))).status).toBe(200),
  );

  test("wants an envelope at the door that knows nothing else", async () => {
    const response = await call("/user/soap", { json: { username: "john" } });
    expect([response.status, response.headers.get("Content-Type")]).toEqual([415, "application/problem+json"]);
  });
});

describe("a lookup by GET", () => {
  test("is answered as the caller's Accept asks, in SOAP 1.1 where it does not", async () => {
    await register(JOHN.email, { username: "john" });
    const plain = await lookUp("john");
    expect([plain.status, plain.headers.get("Content-Type")]).toEqual([200, "text/xml; charset=utf-8"]);
    expect((await plain.arrayBuffer()).byteLength).toBeLessThan(1_024);
    const newer = await lookUp("john", { Accept: "application/soap+xml" });
    expect([newer.status, newer.headers.get("Content-Type")]).toEqual([200, "application/soap+xml; charset=utf-8"]);
    expect(newer.headers.get("Vary")).toBe("Accept");
  });

  test.each(["nobody", "", "john@example.com", "%", "' OR 1=1 --"])("finds nobody by %j", async (username) => {
    await register(JOHN.email);
    expect(await faultOf(await lookUp(username))).toMatchObject({ status: 500, type: "text/xml", code: "Client" });
  });

  test("finds no service account", async () => {
    const { id } = await register(JOHN.email, { username: "robot" });
    await authEnv.DB.prepare("UPDATE users SET kind = 'service', password_hash = NULL WHERE id = ?").bind(id).run();
    expect(await faultOf(await lookUp("robot"))).toMatchObject({ code: "Client", problem: "not_found" });
  });
});

describe("SOAP_LOOKUP=auth", () => {
  const closed = { SOAP_LOOKUP: "auth" };
  const url = "http://halftone.test/user/soap?username=john";

  test("closes the lookup to strangers with a fault that keeps 401 and its challenge", async () => {
    const response = await fetchWith(closed, new Request(url));
    expect(response.headers.get("WWW-Authenticate")).toContain("Bearer");
    expect(await faultOf(response)).toMatchObject({ status: 401, code: "Client", problem: "unauthenticated" });
    const request = new Request(url, {
      method: "POST",
      headers: { "Content-Type": VERSIONS["1.2"].contentType },
      body: envelope(getUserRequest("john"), "1.2"),
    });
    expect(await faultOf(await fetchWith(closed, request))).toMatchObject({ status: 401, code: "Sender" });
  });

  test("leaves it open to people who are signed in, and the description to everybody", async () => {
    const john = await register(JOHN.email, { username: "john" });
    expect((await fetchWith(closed, new Request(url, { headers: john.headers }))).status).toBe(200);
    expect((await fetchWith(closed, new Request("http://halftone.test/user/soap?wsdl"))).status).toBe(200);
  });
});

describe("the description", () => {
  test.each(["/register?wsdl", "/register?WSDL", "/user/soap?wsdl"])(
    "is at %s, with addresses of its origin",
    async (path) => {
      const response = await call(path);
      expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "text/xml; charset=utf-8"]);
      const wsdl = await response.text();
      expect(wsdl.match(/location="http:\/\/halftone\.test\/register"/g)).toHaveLength(2);
      expect(wsdl.match(/location="http:\/\/halftone\.test\/user\/soap"/g)).toHaveLength(2);
    },
  );

  test("names the public origin where one is set", async () => {
    const request = new Request("http://halftone.test/register?wsdl");
    const wsdl = await (await fetchWith({ PUBLIC_ORIGIN: "https://photos.example" }, request)).text();
    expect(wsdl).toContain('location="https://photos.example/register"');
    expect(wsdl).not.toContain("halftone.test");
  });

  test("is all that GET /register has", async () => {
    const response = await call("/register");
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST"]);
  });
});
