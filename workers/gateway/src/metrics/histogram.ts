import { type Labels, REQUEST_DURATION, type Sample } from "../../../../shared/contracts/metrics.ts";
import { DURATION_BUCKETS } from "./measure.ts";

const BUCKET = `${REQUEST_DURATION}_bucket` as const;
const BOUNDS = [...DURATION_BUCKETS.map(String), "+Inf"];

/**
 * Turns buckets that each hold their own observations into what Prometheus reads: each bucket with all below it, every
 * bound present, and the count of all. Other series pass as they are.
 */
export function cumulate(samples: Sample[]): Sample[] {
  const others = samples.filter(({ name }) => name !== BUCKET);
  return [...others, ...[...histogramsIn(samples).values()].flatMap(seriesOf)];
}

interface Histogram {
  labels: Labels;
  /** Observations by upper bound. */
  buckets: Map<string, number>;
}

function histogramsIn(samples: Sample[]): Map<string, Histogram> {
  const histograms = new Map<string, Histogram>();
  for (const { name, labels: all, value } of samples) {
    if (name !== BUCKET) continue;
    const { le: bound = "+Inf", ...labels } = all;
    const key = JSON.stringify(labels);
    const histogram = histograms.get(key) ?? { labels, buckets: new Map() };
    histogram.buckets.set(bound, value);
    histograms.set(key, histogram);
  }
  return histograms;
}

function seriesOf({ labels, buckets }: Histogram): Sample[] {
  let total = 0;
  const cumulated = BOUNDS.map((bound): Sample => {
    total += buckets.get(bound) ?? 0;
    return { name: BUCKET, labels: { ...labels, le: bound }, value: total };
  });
  return [...cumulated, { name: `${REQUEST_DURATION}_count`, labels, value: total }];
}
