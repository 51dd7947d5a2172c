import { randomBytes } from "node:crypto";
import { expectAnswer } from "./expect.mjs";
import { once } from "./once.mjs";
import { createPeople } from "./people.mjs";
import { DOCUMENT, PHOTO } from "./samples.mjs";
import { acceptedImage, storedFile } from "./shapes.mjs";

/**
 * What the checks share: the client, the people, and things uploaded once for all checks. Everything is made when the
 * first check asks for it, so that checks may run alone and in any order.
 */
export function createSystem(client) {
  const runId = randomBytes(4).toString("hex");
  let addresses = 0;
  /** An address that no run has used before. */
  const newAddress = (name) => `${name}+${runId}-${++addresses}@example.com`;
  const people = createPeople(client, newAddress);

  return {
    client,
    people,
    newAddress,
    /** S2's upload: `{ owner, accepted }`. */
    photo: once(async () => {
      const owner = await people.photographer();
      const answer = await client.upload("/api/images/upload", "image", PHOTO, { token: owner.accessToken });
      expectAnswer(answer, 202, acceptedImage);
      return { owner, accepted: answer.json };
    }),
    /** S4's upload: `{ owner, stored }`. */
    document: once(async () => {
      const owner = await people.archivist();
      const answer = await client.upload("/api/files", "file", DOCUMENT, { token: owner.token });
      expectAnswer(answer, 201, storedFile);
      return { owner, stored: answer.json };
    }),
  };
}
