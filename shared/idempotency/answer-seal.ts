import { sealText, unsealText } from "../sealing.ts";
import type { AnswerSeal } from "./answer-once.ts";
import type { HeldKey } from "./schema.ts";

/** Changes when the derivation changes. */
const PURPOSE = "halftone kept answers v1";

/** What a kept answer is bound to: it opens under the same key only. */
function labelOf({ userId, route, key }: Pick<HeldKey, "userId" | "route" | "key">): string {
  return JSON.stringify([userId, route, key]);
}

/** Seals kept answers with a secret of the service. @param previous the secret before it: what it sealed still opens */
export function sealAnswers(secret: string, previous?: string): AnswerSeal {
  return {
    seal: async (key, body) => {
      const sealed = await sealText({ secret, purpose: PURPOSE }, labelOf(key), body);
      return btoa(String.fromCharCode(...new Uint8Array(sealed)));
    },
    open: async (key, sealed) => {
      const bytes = Uint8Array.from(atob(sealed), (char) => char.charCodeAt(0)).buffer;
      const opened = await unsealText({ secret, purpose: PURPOSE }, labelOf(key), bytes);
      if (opened !== null || previous === undefined) return opened;
      return unsealText({ secret: previous, purpose: PURPOSE }, labelOf(key), bytes);
    },
  };
}
