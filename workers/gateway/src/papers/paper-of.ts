import type * as z from "zod";
import { bindingOf } from "../calls/targets.ts";
import type { Env } from "../env.ts";
import type { ServiceName } from "../routes.ts";

/** A service that takes longer to say what it is counts as away. */
const PATIENCE_MS = 2_000;
/** What a service says of itself changes with its deployment only; strangers must not drive the calls to it. */
const FRESH_MS = 60_000;

/** What the services said last, as text. */
const known = new Map<string, { text: string; at: number }>();

/** What a service says of itself under one of its internal paths, null while it is away. */
export async function paperOf<Schema extends z.ZodType>(
  env: Env,
  service: ServiceName,
  path: "/openapi.json" | "/card",
  schema: Schema,
): Promise<z.output<Schema> | null> {
  const name = `${service}${path}`;
  const last = known.get(name);
  try {
    if (last !== undefined && Date.now() - last.at < FRESH_MS) return schema.parse(JSON.parse(last.text));
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await bindingOf(env, service).fetch(`https://internal${path}`, { signal });
    const text = await answer.text();
    const paper = schema.parse(JSON.parse(text));
    known.set(name, { text, at: Date.now() });
    return paper;
  } catch {
    return null;
  }
}
