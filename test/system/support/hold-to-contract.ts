import { expect } from "vitest";
import { type ApiDocument, type Contract, readContract } from "./contract.ts";

const realFetch = globalThis.fetch;
const contracts = new Map<string, Contract>();

/** The contract of what runs at an origin, null where that is no whole product. */
async function fetchContract(origin: string): Promise<Contract | null> {
  const answer = await realFetch(`${origin}/openapi.json`).catch(() => null);
  if (answer === null || !answer.ok) return null;
  const document = (await answer.json()) as ApiDocument;
  if (document.info.title !== "Halftone") return null;
  const contract = readContract(document);
  contracts.set(origin, contract);
  return contract;
}

/** Not the document but a .proto describes what lies below; what is generated from it checks the answers. */
const DESCRIBED_BY_PROTO = "/halftone.images.v1.ImageDelivery/";

function isOurs({ protocol, hostname, pathname }: URL): boolean {
  const isLocal = hostname === "localhost" || hostname === "127.0.0.1";
  return protocol === "http:" && isLocal && !pathname.startsWith(DESCRIBED_BY_PROTO);
}

/** The body of an answer, null where it ended too early. */
function textOf(answer: Response): Promise<string | null> {
  return answer.text().catch(() => null);
}

/** A document that is read while a service is away, or slow to answer, lacks that service's routes: it is read again. */
const READ_MAX = 5;
const READ_AGAIN_MS = 2_000;

async function complaintOf(origin: string, recorded: Parameters<Contract>[0]): Promise<string | null> {
  for (let reads = 1; ; reads++) {
    const complaint = (await fetchContract(origin))?.(recorded) ?? null;
    if (complaint === null || reads === READ_MAX) return complaint;
    await new Promise((resolve) => setTimeout(resolve, READ_AGAIN_MS));
  }
}

/**
 * Every JSON answer that a system test receives must be what the product's OpenAPI document says, its headers too, and
 * of any other answer the headers, once the document is known: else the call throws.
 */
globalThis.fetch = async (input, init) => {
  const answer = await realFetch(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  const mediaType = answer.headers.get("Content-Type")?.split(";")[0] ?? "";
  const isJson = mediaType === "application/json" || mediaType === "application/problem+json";
  const known = contracts.get(url.origin);
  if (!isOurs(url) || method === "HEAD" || (!isJson && known === undefined)) return answer;
  const text = isJson ? await textOf(answer.clone()) : "";
  // An answer that was cut off is for the test to judge.
  if (text === null) return answer;
  const { status, headers } = answer;
  const json = isJson ? { mediaType, body: JSON.parse(text) as unknown } : null;
  const recorded = { method, path: url.pathname, status, headers, json };
  if (known?.(recorded) === null) return answer;
  const complaint = await complaintOf(url.origin, recorded);
  expect(complaint, `${method} ${url.pathname} answered ${answer.status}: ${text}`).toBeNull();
  return answer;
};
