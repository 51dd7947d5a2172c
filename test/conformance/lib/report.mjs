/** Where a word begins in a name: after a small letter, or before the last of several capitals. */
const WORD_START = /(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;
const ACRONYM = /^[A-Z]{2,}$/;

/** A check's name as a sentence: `registersUsersOverSOAP` says "registers users over SOAP". */
export function promiseOf(run) {
  const words = run.name.split(WORD_START);
  return words.map((word) => (ACRONYM.test(word) ? word : word.toLowerCase())).join(" ");
}

/** `PASS S2.41 …`, `FAIL S2.43 …: expected … got …`, `OPEN S3.16 …: why`. */
export function lineOf({ outcome, row, promise, detail }) {
  const head = `${outcome} ${row} ${promise}`;
  return detail === null ? head : `${head}: ${detail}`;
}

/** The last line; scripts read it. */
export function summaryOf(results) {
  const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
  return `conformance: ${count("PASS")} passed, ${count("FAIL")} failed, ${count("OPEN")} open`;
}
