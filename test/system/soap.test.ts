import { type Client, createClientAsync } from "soap";
import { beforeAll, describe, expect, test } from "vitest";
import { type SharedProduct, sharedProduct } from "./support/shared-product.ts";

let product: SharedProduct;

beforeAll(async () => {
  product = await sharedProduct();
});

const PASSWORD = "a password <of> our & own é";

/** What the library throws for a fault. */
interface ThrownFault {
  message: string;
  response: { status: number };
  root: { Envelope: { Body: { Fault: object } } };
}

async function faultOf(call: Promise<unknown>): Promise<{ status: number; message: string; fault: object }> {
  try {
    await call;
  } catch (error) {
    const { message, response, root } = error as ThrownFault;
    return { status: response.status, message, fault: root.Envelope.Body.Fault };
  }
  throw new Error("The call was not refused.");
}

const blamesTheClient = {
  "1.1": { status: 500, fault: { faultcode: "soap:Client" } },
  "1.2": { status: 400, fault: { Code: { Value: "soap:Sender" } } },
};

describe.each(["1.1", "1.2"] as const)("a client of SOAP %s that knows nothing but the WSDL", (version) => {
  const username = `Ren.${version}`;
  const email = `rene-${version}@example.com`;
  let client: Client;

  beforeAll(async () => {
    const options = { forceSoap12Headers: version === "1.2" };
    client = await createClientAsync(`${product.url}/register?wsdl`, options);
  });

  test("registers somebody, who can then sign in", async () => {
    const [answer] = await client.RegisterUserAsync({ email, password: PASSWORD, name: "<René> & Co", username });
    expect(answer).toMatchObject({ username, email, name: "<René> & Co" });
    const response = await fetch(`${product.url}/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
    expect([response.status, ((await response.json()) as { userId: string }).userId]).toEqual([200, answer.userId]);
  });

  test("is told by a fault that an address is taken", async () => {
    const refused = await faultOf(client.RegisterUserAsync({ email, password: PASSWORD }));
    expect(refused).toMatchObject(blamesTheClient[version]);
    expect(refused.message).toContain("registered with this address");
    expect(JSON.stringify(refused.fault)).toContain("email_taken");
  });

  test("looks somebody up at the other door's address, and learns no address of theirs", async () => {
    const [answer] = await client.GetUserAsync({ username: username.toLowerCase() });
    expect(answer).toEqual({ username, name: "<René> & Co" });
    const lookup = await createClientAsync(`${product.url}/user/soap?wsdl`);
    expect((await lookup.GetUserAsync({ username }))[0]).toEqual(answer);
  });

  test("is told by a fault that nobody has a user name", async () => {
    const refused = await faultOf(client.GetUserAsync({ username: "nobody-of-this-name" }));
    expect(refused).toMatchObject(blamesTheClient[version]);
    expect(JSON.stringify(refused.fault)).toContain("not_found");
  });
});
