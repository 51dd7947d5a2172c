import http from "node:http";
import https from "node:https";
import { sleep } from "./wait.mjs";

/** What the sources' curl calls itself; the audit log's example shows it (S4.23). */
export const USER_AGENT = "curl/7.68.0";
const BOUNDARY = "------------------------d74496d66958873e";

/**
 * An HTTP client that sends what curl sends and nothing more: a new connection for each request, no redirects followed.
 * An answer is `{ request, status, type, headers, bytes, text, json }`; `json` is undefined when the body is none.
 */
export function createClient(baseUrl, timeoutMs) {
  /** Sends a request; a 429 is heeded once, as its Retry-After asks. */
  async function send(method, path, { headers = {}, body, token } = {}) {
    const request = {
      method,
      url: new URL(path, baseUrl),
      headers: { Accept: "*/*", "User-Agent": USER_AGENT, ...bearer(token), ...headers },
      body: body === undefined ? null : Buffer.from(body),
    };
    const answer = await exchange(request, timeoutMs);
    if (answer.status !== 429) return answer;
    await sleep(Number(answer.headers["retry-after"] ?? 1) * 1_000);
    return exchange(request, timeoutMs);
  }

  return {
    baseUrl,
    send,
    get: (path, options) => send("GET", path, options),
    delete: (path, options) => send("DELETE", path, options),
    /** `json` is a value, or the text of the body as a source prints it. */
    post: (path, json, options = {}) => send("POST", path, withJson(json, options)),
    put: (path, json, options = {}) => send("PUT", path, withJson(json, options)),
    /** As curl -d with a form. */
    postForm: (path, fields, options = {}) =>
      send("POST", path, withBody("application/x-www-form-urlencoded", String(new URLSearchParams(fields)), options)),
    postXml: (path, xml, options = {}) => send("POST", path, withBody("text/xml; charset=utf-8", xml, options)),
    /** As curl -F "field=@file". A file is `{ name, type, bytes }`. */
    upload: (path, field, file, options = {}) =>
      send("POST", path, withBody(`multipart/form-data; boundary=${BOUNDARY}`, multipart(field, file), options)),
  };
}

function bearer(token) {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

function withJson(json, options) {
  return withBody("application/json", typeof json === "string" ? json : JSON.stringify(json), options);
}

function withBody(type, body, options) {
  return { ...options, headers: { "Content-Type": type, ...options.headers }, body };
}

function multipart(field, { name, type, bytes }) {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
}

function exchange({ method, url, headers, body }, timeoutMs) {
  const name = `${method} ${url.pathname}`;
  const transport = url.protocol === "https:" ? https : http;
  const length = body === null ? {} : { "Content-Length": body.length };
  return new Promise((resolve, reject) => {
    const fail = (error) => reject(new Error(`${name}: expected an answer, got ${error.code ?? error.message}`));
    const options = {
      method,
      headers: { ...headers, ...length },
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    };
    const request = transport.request(url, options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => resolve(answerOf(name, response, Buffer.concat(chunks))));
    });
    request.on("error", fail);
    request.end(body ?? undefined);
  });
}

function answerOf(request, response, bytes) {
  const text = bytes.toString("utf8");
  const type = (response.headers["content-type"] ?? "").split(";")[0].trim();
  const json = /^application\/(.*\+)?json$/.test(type) ? parsed(text) : undefined;
  return { request, status: response.statusCode, type, headers: response.headers, bytes, text, json };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
