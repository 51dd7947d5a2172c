/** One field of a request that does not fit. `path` is its name, such as `email`. */
export interface FieldError {
  path: string;
  message: string;
}

/** Why a request came to nothing: a problem document (RFC 9457), or the lack of any answer. */
export interface Problem {
  /** The HTTP status; 0 when nothing answered. */
  status: number;
  code: string;
  /** A sentence for the person at the screen. */
  detail: string;
  errors: FieldError[];
}

/** What a call came to. Callers must look: nothing is thrown for an expected failure. */
export type Answer<Value> = { ok: true; value: Value; headers: Headers } | { ok: false; problem: Problem };

export const UNREACHABLE: Problem = {
  status: 0,
  code: "unreachable",
  detail: "Halftone cannot be reached. Check the connection and try again.",
  errors: [],
};

/** Reads a refusal, whoever wrote it: a proxy on the way may answer with something that is no problem document. */
export function readProblem(status: number, body: string): Problem {
  const document = parseObject(body);
  return {
    status,
    code: textOf(document, "code") ?? "unknown",
    detail:
      textOf(document, "detail") ?? textOf(document, "title") ?? `The server answered ${status}. Try again later.`,
    errors: readFieldErrors(document),
  };
}

function readFieldErrors(document: object | null): FieldError[] {
  if (document === null || !("errors" in document) || !Array.isArray(document.errors)) return [];
  const errors: unknown[] = document.errors;
  return errors.filter(isFieldError);
}

function isFieldError(value: unknown): value is FieldError {
  if (typeof value !== "object" || value === null) return false;
  return textOf(value, "path") !== null && textOf(value, "message") !== null;
}

function parseObject(body: string): object | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

function textOf(document: object | null, name: string): string | null {
  if (document === null) return null;
  const value: unknown = Reflect.get(document, name);
  return typeof value === "string" ? value : null;
}
