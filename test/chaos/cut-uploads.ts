import type { Client } from "../system/support/client.ts";
import type { Sent } from "./journal.ts";
import { FILE_BYTES } from "./load.ts";

const TUS = { "Tus-Resumable": "1.0.0" };

/**
 * Asks where the resumable uploads go on that nobody heard the end of. One is a file exactly where all of it came.
 * @returns complaints, each a sentence
 */
export async function askCutUploads(people: Client[], sent: Sent[]): Promise<string[]> {
  const complaints: string[] = [];
  for (const { name, id, path } of sent) {
    if (id !== null || path === undefined) continue;
    const answers = await Promise.all(people.map((client) => client.fetch(path, { method: "HEAD", headers: TUS })));
    const { headers } = answers.find(({ status }) => status === 200) ?? new Response();
    const isWhole = headers.get("Upload-Offset") === `${FILE_BYTES}`;
    const isFile = headers.has("X-File-Id");
    if (!headers.has("Upload-Offset")) complaints.push(`${name} was begun and is gone`);
    else if (isWhole !== isFile)
      complaints.push(`${name} is ${isWhole ? "whole" : "cut"} and ${isFile ? "a" : "no"} file`);
  }
  return complaints;
}
