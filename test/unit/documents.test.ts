import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const DOCUMENTS = globSync(["README.md", "docs/**/*.md", "workers/*/README.md", "workers/resizer/kernel/*.md"], {
  cwd: ROOT,
});

/** What a reader is shown, without the examples. */
function proseOf(path: string): string {
  return readFileSync(path, "utf8").replaceAll(/^```.*?^```/gms, "");
}

/** The name under which a page shows a heading: lower case, without punctuation, blanks as dashes. */
function anchorsOf(path: string): string[] {
  return [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : join(dirname(from), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || (statSync(target).isFile() && anchorsOf(target).includes(anchor));
}

test.each(DOCUMENTS)("every link of %s leads to a file, and to a heading that it has", (document) => {
  const from = join(ROOT, document);
  const links = [...proseOf(from).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  const own = links.filter((link) => !/^[a-z]+:/.test(link));
  expect(own.filter((link) => !leadsSomewhere(from, link))).toEqual([]);
});

test("every guide is named by the README, and no document is left alone", () => {
  const named = DOCUMENTS.flatMap((document) => {
    const from = join(ROOT, document);
    const links = [...proseOf(from).matchAll(/\]\(([^)\s#]+)/g)].map(([, link = ""]) => link);
    return links.map((link) => relative(ROOT, join(dirname(from), link)));
  });
  const numbered = (document: string) => document.startsWith("docs/decisions/");
  expect(DOCUMENTS.filter((document) => !numbered(document) && !named.includes(document))).toEqual([]);
});
