import { describe, expect, test } from "vitest";
import { boundaryOf, readMultipart } from "../../../workers/images/src/uploads/multipart.ts";

const BOUNDARY = "----halftone7MA4YWxk";
const NO_LIMIT = 10_000_000;

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Bytes of every value, among them pieces of delimiters. */
const TRICKY = `\r\n--${BOUNDARY.slice(0, -1)}\r\n\r\n--\r--\r\n-\r\n--${BOUNDARY}`.replace(`\r\n--${BOUNDARY}`, "");

function bodyOf(content: string): Uint8Array {
  return bytesOf(
    [
      "a preamble that nobody reads",
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="title"',
      "",
      "At the sea",
      `--${BOUNDARY}  \t`,
      'content-disposition:form-data; name="image"; filename="sea \\"1\\".png"',
      "Content-Type: image/png",
      "",
      content,
      `--${BOUNDARY}--`,
      "an epilogue",
    ].join("\r\n"),
  );
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** The events as lines, data joined. */
async function read(bytes: Uint8Array, chunkSize = bytes.length, maxBytes = NO_LIMIT): Promise<string[]> {
  const lines: string[] = [];
  let data: number[] = [];
  for await (const event of readMultipart(inChunks(bytes, chunkSize), BOUNDARY, maxBytes)) {
    if (event.kind === "data") {
      data.push(...event.bytes);
      continue;
    }
    if (data.length > 0) lines.push(`data ${new TextDecoder().decode(Uint8Array.from(data))}`);
    data = [];
    lines.push(event.kind === "part" ? `part ${event.name} ${event.fileName}` : `broken ${event.failure.code}`);
  }
  if (data.length > 0) lines.push(`data ${new TextDecoder().decode(Uint8Array.from(data))}`);
  return lines;
}

describe("reading a multipart body", () => {
  const body = bodyOf(TRICKY);
  const expected = ["part title null", "data At the sea", 'part image sea "1".png', `data ${TRICKY}`];

  test("gives the same parts however the body is cut into chunks", async () => {
    for (let size = 1; size <= body.length; size++) expect(await read(body, size)).toEqual(expected);
  });

  test("calls every body broken that ends early, wherever that is", async () => {
    const end = body.length - bytesOf("--\r\nan epilogue").length;
    for (let length = 0; length <= end; length++) {
      expect((await read(body.slice(0, length))).at(-1)).toBe("broken malformed_request");
    }
  });

  test("never throws and always ends on bodies with changed bytes", async () => {
    let seed = 42;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    for (let round = 0; round < 2_000; round++) {
      const changed = body.slice();
      for (let change = 0; change < 4; change++) changed[random(changed.length)] = random(256);
      const lines = await read(changed, 1 + random(64));
      expect(lines.length).toBeLessThan(20);
    }
  });

  test("takes a body without preamble, an empty part, and a part without headers", async () => {
    const text = [`--${BOUNDARY}`, 'Content-Disposition: form-data; name="a"', "", "", `--${BOUNDARY}`, "", "x"];
    const lines = await read(bytesOf([...text, `--${BOUNDARY}--`].join("\r\n")), 3);
    expect(lines).toEqual(["part a null", "part null null", "data x"]);
  });

  test("stops where the body becomes longer than it may be", async () => {
    const long = bodyOf("x".repeat(5_000));
    expect((await read(long, 100, 2_000)).at(-1)).toBe("broken payload_too_large");
  });

  test("refuses a part with endless headers", async () => {
    const endless = bytesOf(`--${BOUNDARY}\r\nX-Long: ${"a".repeat(9_000)}\r\n\r\nx\r\n--${BOUNDARY}--`);
    for (const size of [64, endless.length]) {
      expect(await read(endless, size)).toEqual(["broken malformed_request"]);
    }
  });

  test("refuses more than twenty parts", async () => {
    const part = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="n"\r\n\r\nx\r\n`;
    const lines = await read(bytesOf(`${part.repeat(21)}--${BOUNDARY}--`));
    expect(lines.filter((line) => line.startsWith("part"))).toHaveLength(20);
    expect(lines.at(-1)).toBe("broken malformed_request");
  });
});

describe("finding the boundary", () => {
  test.each([
    ["multipart/form-data; boundary=abc", "abc"],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b:c"', "a b:c"],
    ["multipart/form-data", null],
    ["multipart/form-data; boundary=", null],
    [`multipart/form-data; boundary=${"x".repeat(71)}`, null],
    ["multipart/mixed; boundary=abc", null],
    ["application/json", null],
    [null, null],
  ])("in %s gives %s", (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary);
  });
});
