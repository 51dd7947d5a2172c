import type { UploadView } from "../../../shared/contracts/images.ts";
import { type Answer, readProblem, UNREACHABLE } from "./answer.ts";
import { asPerson } from "./call.ts";

export interface SendOptions {
  /** Told how much has left, from 0 to 1. */
  onProgress(fraction: number): void;
  signal: AbortSignal;
}

const FALLBACK_TYPE = "application/octet-stream";

/** Uploads one photo as a raw body. When aborted, it answers like a connection that broke. */
export function sendFile(file: File, options: SendOptions): Promise<Answer<UploadView>> {
  return asPerson(() => sendOnce(file, options));
}

/** XMLHttpRequest, because fetch does not tell how much of a body has been sent. */
function sendOnce(file: File, options: SendOptions): Promise<Answer<UploadView>> {
  if (options.signal.aborted) return Promise.resolve({ ok: false, problem: UNREACHABLE });
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    options.signal.addEventListener("abort", abort);

    request.open("PUT", "/api/images");
    request.setRequestHeader("Content-Type", file.type || FALLBACK_TYPE);
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.upload.onprogress = (event) => options.onProgress(event.total === 0 ? 1 : event.loaded / event.total);
    request.onloadend = () => {
      options.signal.removeEventListener("abort", abort);
      resolve(readAnswer(request));
    };
    request.send(file);
  });
}

function readAnswer(request: XMLHttpRequest): Answer<UploadView> {
  if (request.status === 0) return { ok: false, problem: UNREACHABLE };
  if (request.status >= 300) return { ok: false, problem: readProblem(request.status, request.responseText) };
  try {
    const value: UploadView = JSON.parse(request.responseText);
    return { ok: true, value, headers: new Headers() };
  } catch {
    return { ok: false, problem: UNREACHABLE };
  }
}
