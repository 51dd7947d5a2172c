import { expectEqual, expectStatus, expectTrue } from "./expect.mjs";

const ENVELOPE_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/";

/** A SOAP 1.1 request for RegisterUser. The values hold no XML of their own. */
export function registerUser({ username, email, password }) {
  return `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="${ENVELOPE_NAMESPACE}">
  <soap:Body>
    <RegisterUserRequest xmlns="urn:halftone:users:v1">
      <username>${username}</username>
      <email>${email}</email>
      <password>${password}</password>
    </RegisterUserRequest>
  </soap:Body>
</soap:Envelope>`;
}

/** An answer in a SOAP 1.1 envelope that holds this text. */
export function expectEnvelope(answer, status, held) {
  expectStatus(answer, status);
  expectEqual(`${answer.request} Content-Type`, answer.type, "text/xml");
  expectTrue(answer.request, answer.text.includes(ENVELOPE_NAMESPACE), "a SOAP envelope", answer.text);
  expectTrue(answer.request, answer.text.includes(held), held, answer.text);
}

/** A SOAP fault that blames the client; SOAP 1.1 over HTTP sends every fault with 500 (section 6.2). */
export function expectClientFault(answer) {
  expectEnvelope(answer, 500, "Fault");
  expectTrue(`${answer.request} faultcode`, /<faultcode>[\w]+:Client</.test(answer.text), "soap:Client", answer.text);
}
