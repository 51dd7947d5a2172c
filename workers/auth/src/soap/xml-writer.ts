/** A piece of finished XML. Only this file makes them, so whatever else is put into one is escaped. */
export class Xml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A carriage return would be read back as a line feed (XML 1.0 §2.11). */
const ESCAPES: Record<string, string> = {
  "\r": "&#13;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
const REPLACEMENT_CHARACTER = "\uFFFD";

/** Writes XML: `xml\`<name>${value}</name>\``. Texts are escaped, other pieces and lists of them go in as they are. */
export function xml(strings: TemplateStringsArray, ...values: (string | Xml | Xml[])[]): Xml {
  const written = values.map((value) => write(value));
  return new Xml(strings.map((fixed, i) => fixed + (written[i] ?? "")).join(""));
}

/** An element whose name is ours, which is why it needs no escaping. */
export function element(name: string, content: string | Xml | Xml[]): Xml {
  return new Xml(`<${name}>${write(content)}</${name}>`);
}

function write(value: string | Xml | Xml[]): string {
  if (typeof value === "string") return escapeText(value);
  return Array.isArray(value) ? value.map(({ text }) => text).join("") : value.text;
}

/** Characters that XML cannot hold (XML 1.0 §2.2) came in by another door; they are shown as what they are: unknown. */
function escapeText(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu, REPLACEMENT_CHARACTER)
    .replaceAll(/[\r&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** A document of one element. */
export function document(root: Xml): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${root.text}`;
}
