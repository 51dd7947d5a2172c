import type { JobKind } from "../../../shared/contracts/images.ts";
import type { StoredVariant } from "../../../shared/contracts/rpc.ts";
import type { VariantFormat } from "../../../shared/contracts/variants.ts";
import { ok } from "../../../shared/result.ts";
import type { Codecs } from "../../../workers/resizer/src/codecs/codec.ts";
import { runPipeline } from "../../../workers/resizer/src/pipeline.ts";
import type { Wait } from "../../../workers/resizer/src/wait.ts";

/** Nothing is ever too late. */
export const patiently: Wait = (sent) => sent;

/** What one run of the pipeline over a file gave. */
export interface Resized {
  outcome: string;
  variants: Array<StoredVariant & { bytes: Uint8Array }>;
  /** The most that was metered, in bytes. */
  memory: number;
}

/** Sends a file through the pipeline as a job does, and keeps the variants. */
export async function resized(
  codecs: Codecs,
  file: Uint8Array,
  formats: VariantFormat[] = ["webp"],
  kind: JobKind = "eager",
): Promise<Resized> {
  const variants: Resized["variants"] = [];
  const bench = codecs.open(kind, patiently);
  try {
    const original = { stream: new Blob([file]).stream(), bytes: file.length };
    const result = await runPipeline(bench, original, formats, async (variant, bytes) => {
      variants.push({ ...variant, bytes: bytes.slice() });
      return ok(null);
    });
    return { outcome: result.ok ? "complete" : result.failure.code, variants, memory: bench.peakBytes };
  } finally {
    bench.close();
  }
}
