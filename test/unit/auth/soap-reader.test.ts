import { describe, expect, test } from "vitest";
import { GET_USER, REGISTER_USER, readFields } from "../../../workers/auth/src/soap/operations.ts";
import { readRequest } from "../../../workers/auth/src/soap/read-request.ts";
import { SOAP_1_1, SOAP_1_2, type SoapVersion } from "../../../workers/auth/src/soap/versions.ts";
import { readXml } from "../../../workers/auth/src/soap/xml.ts";
import { document, xml } from "../../../workers/auth/src/soap/xml-writer.ts";
import { seededRandom } from "../../random.ts";

const ROUNDS = 4_000;
const MUTATIONS_MAX = 6;

function envelope({ namespace }: SoapVersion): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="${namespace}" xmlns:u="urn:halftone:users:v1">
  <s:Header><x:Trace xmlns:x="urn:x" s:mustUnderstand="0">1</x:Trace></s:Header>
  <s:Body><u:RegisterUserRequest>
    <u:email>ren&#233;@example.com</u:email><u:password><![CDATA[p&ss <w>]]></u:password><!-- a note -->
  </u:RegisterUserRequest></s:Body>
</s:Envelope>`;
}

/** What XML is made of, whole and broken. */
const PIECES = [
  ..."<>&;\"'/=!?-[]:#\0\u0001\uFEFF\uFFFEé📷 \r\n",
  ...["<!--", "-->", "<![CDATA[", "]]>", "<?xml", "?>", "<!DOCTYPE x [", "<!ENTITY", "&#x0;", "&#xFFFFFFF;", "&lt;"],
  ...["</s:Body>", "<s:Body>", "<__proto__>", "</__proto__>", "constructor", 'xmlns:s=""', 'xmlns=""', "toString"],
  ...["<a>".repeat(25), "</a>".repeat(25), "&amp;".repeat(500), " a='1'".repeat(500), "x".repeat(5_000)],
];

/** Those of them that XML cannot hold. */
const UNWRITABLE = ["\0", "\u0001", "\uFFFE"];

function mutate(text: string, random: () => number): string {
  const at = () => Math.floor(random() * (text.length + 1));
  const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
  const piece = PIECES[Math.floor(random() * PIECES.length)] ?? "";
  const choices = [
    () => text.slice(0, from) + piece + text.slice(from),
    () => text.slice(0, from) + text.slice(Math.min(to, from + 40)),
    () => text.slice(0, to) + text.slice(from, to) + text.slice(to),
    () => text.slice(0, from) + String.fromCharCode(Math.floor(random() * 0x3000)) + text.slice(from + 1),
    () => text.slice(0, from),
  ];
  return choices[Math.floor(random() * choices.length)]?.() ?? text;
}

describe("the SOAP reader", () => {
  test.each([1, 2, 3])("answers whatever it is given with a value, never an exception (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const outcomes = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      let text = envelope(round % 2 === 0 ? SOAP_1_1 : SOAP_1_2);
      for (let i = random() * MUTATIONS_MAX; i > 0; i--) text = mutate(text, random);
      const reading = readRequest(new TextEncoder().encode(text), SOAP_1_1, "text/xml");
      outcomes.add(reading.outcome);
      if (reading.outcome !== "request") continue;
      for (const operation of [REGISTER_USER, GET_USER]) {
        const fields = readFields(operation, reading.request);
        if (fields.ok) for (const value of Object.values(fields.value)) expect(value).toBeTypeOf("string");
      }
    }
    expect([...outcomes].sort()).toEqual(["malformed", "request", "wrong_version"]);
  });

  test("takes bytes that are no text for what they are", () => {
    const random = seededRandom(4);
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = new TextEncoder().encode(envelope(SOAP_1_1));
      bytes[Math.floor(random() * bytes.length)] = 128 + Math.floor(random() * 128);
      expect(readRequest(bytes, SOAP_1_2, "").outcome).toMatch(/^(malformed|wrong_version)$/);
    }
  });
});

describe("what is written", () => {
  test("is read back as it was, whatever it holds", () => {
    const random = seededRandom(5);
    for (let round = 0; round < ROUNDS; round++) {
      const length = Math.floor(random() * 20);
      const text = Array.from({ length }, () => PIECES[Math.floor(random() * PIECES.length)]).join("");
      const kept = UNWRITABLE.reduce((rest, character) => rest.replaceAll(character, "\uFFFD"), text);
      const written = new TextDecoder().decode(
        new TextEncoder().encode(document(xml`<t:a xmlns:t="urn:t">${text}</t:a>`)),
      );
      const read = readXml(written);
      expect(read).toMatchObject({ ok: true, value: { namespace: "urn:t", name: "a", text: kept, children: [] } });
    }
  });
});
