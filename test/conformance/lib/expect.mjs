/** A promise that the system does not keep: `<what>: expected <expected>, got <got>`. */
export class Mismatch extends Error {
  constructor(what, expected, got) {
    super(`${what}: expected ${expected}, got ${got}`);
  }
}

/** Long answers are cut in a report. */
const SHOWN_MAX = 160;

function show(value) {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

export function expectEqual(what, got, expected) {
  if (got !== expected) throw new Mismatch(what, show(expected), show(got));
}

export function expectTrue(what, holds, expected, got) {
  if (!holds) throw new Mismatch(what, expected, show(got));
}

/** The status of an answer; a wrong one is reported together with its body. */
export function expectStatus(answer, status) {
  if (answer.status === status) return;
  throw new Mismatch(answer.request, status, `${answer.status} ${show(answer.text)}`);
}

/** Status and content type of an answer that is JSON. */
function expectJson(answer, status) {
  expectStatus(answer, status);
  expectEqual(`${answer.request} Content-Type`, answer.type, "application/json");
  expectTrue(answer.request, answer.json !== undefined, "valid JSON", answer.text);
}

/** The body of an answer that must be JSON with this status. */
export function bodyOf(answer, status) {
  expectJson(answer, status);
  return answer.json;
}

/**
 * Every field of the shape is there and fits. Further fields are welcome: answers are supersets of the sources'.
 * A shape is a matcher `{ expected, fits(value) }`, an object of shapes, or an array of one shape for every item.
 */
export function expectShape(what, value, shape) {
  if (typeof shape.fits === "function") {
    if (!shape.fits(value)) throw new Mismatch(what, shape.expected, show(JSON.stringify(value)));
  } else if (Array.isArray(shape)) {
    expectTrue(what, Array.isArray(value), "an array", value);
    value.forEach((item, index) => {
      expectShape(`${what}[${index}]`, item, shape[0]);
    });
  } else {
    expectTrue(what, typeof value === "object" && value !== null && !Array.isArray(value), "an object", value);
    for (const [field, inner] of Object.entries(shape)) expectShape(`${what} ${field}`, value[field], inner);
  }
}

/** An answer as JSON of this shape. */
export function expectAnswer(answer, status, shape) {
  expectJson(answer, status);
  expectShape(answer.request, answer.json, shape);
}

/** Whether a list names a thing. */
export function holds(list, id) {
  return list.json.some((entry) => entry.id === id);
}
