/** An expected failure: a value the caller must look at. Exceptions are kept for bugs and outages. */
export interface Failure<Code extends string = string> {
  code: Code;
  /** One sentence for the person who reads the answer. Never holds a secret. */
  detail: string;
}

export type Result<Value, Code extends string = string> =
  | { ok: true; value: Value }
  | { ok: false; failure: Failure<Code> };

export function ok<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

export function fail<Code extends string>(code: Code, detail: string): { ok: false; failure: Failure<Code> } {
  return { ok: false, failure: { code, detail } };
}
