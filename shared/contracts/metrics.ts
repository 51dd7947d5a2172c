import * as z from "zod";

/** A metric as Prometheus knows it (https://prometheus.io/docs/concepts/metric_types/). */
interface MetricKind {
  type: "counter" | "gauge" | "histogram";
  /** What its figures are told apart by. A bucket also has its upper bound, `le`. */
  labels: readonly string[];
  /** One sentence that stands beside the figures. */
  help: string;
}

/** Every metric there is. Units stand in the names; docs/operations.md says what to do about each. */
export const METRICS = {
  halftone_requests_total: {
    type: "counter",
    labels: ["service", "route", "method", "status"],
    help: "Requests answered by the front door.",
  },
  halftone_request_duration_seconds: {
    type: "histogram",
    labels: ["service", "route"],
    help: "Time until the answer began, as the front door saw it.",
  },
  halftone_rate_limit_decisions_total: {
    type: "counter",
    labels: ["policy", "decision"],
    help: "Requests that were counted against a limit, and what became of them.",
  },
  halftone_call_failures_total: {
    type: "counter",
    labels: ["service", "code"],
    help: "Calls to a service that got no answer of its own.",
  },
  halftone_breaker_state: {
    type: "gauge",
    labels: ["service", "target"],
    help: "How a breaker stands in the isolate that answers: 0 closed, 1 half-open, 2 open.",
  },
  halftone_metrics_flushes_total: { type: "counter", labels: [], help: "How often an isolate handed its counts in." },
  halftone_service_up: { type: "gauge", labels: ["service"], help: "Whether a service answers: 1, or 0." },
  halftone_dependency_up: {
    type: "gauge",
    labels: ["service", "dependency"],
    help: "Whether what a service depends on answers: 1, or 0.",
  },
  halftone_outbox_events: {
    type: "gauge",
    labels: ["service"],
    help: "Events in a service's database that wait for the log.",
  },
  halftone_outbox_oldest_seconds: {
    type: "gauge",
    labels: ["service"],
    help: "Age of the oldest event that waits; 0 where none does.",
  },
  halftone_outbox_set_aside: {
    type: "gauge",
    labels: ["service"],
    help: "Events that the log refused for good and somebody must look at.",
  },
  halftone_jobs: { type: "gauge", labels: ["status"], help: "Resize jobs that wait, are in work or have failed." },
  halftone_jobs_of_last_hour: {
    type: "gauge",
    labels: ["status"],
    help: "Resize jobs made within the last hour, by state.",
  },
  halftone_jobs_oldest_seconds: {
    type: "gauge",
    labels: [],
    help: "Age of the oldest resize job that is not done; 0 without one.",
  },
  halftone_orphans: {
    type: "gauge",
    labels: [],
    help: "Objects without a row that the last consistency check left; none before the first.",
  },
  halftone_fsck_repairs: { type: "gauge", labels: [], help: "What the last consistency check found and put right." },
  halftone_fsck_age_seconds: { type: "gauge", labels: [], help: "Time since the last consistency check ended." },
  halftone_webhook_deliveries: {
    type: "gauge",
    labels: ["status"],
    help: "Deliveries to enabled webhooks that wait, or have failed for good and are kept.",
  },
  halftone_webhook_oldest_seconds: {
    type: "gauge",
    labels: [],
    help: "Age of the oldest event that waits for an enabled webhook; 0 without one.",
  },
  halftone_webhooks_disabled: {
    type: "gauge",
    labels: [],
    help: "Webhooks that were disabled because of how they answered.",
  },
} as const satisfies Record<string, MetricKind>;

export type MetricName = keyof typeof METRICS;
export const REQUEST_DURATION = "halftone_request_duration_seconds" satisfies MetricName;
/** A histogram is written as several series. */
export type SeriesName = MetricName | `${typeof REQUEST_DURATION}_${"bucket" | "sum" | "count"}`;

export type Labels = Record<string, string>;

/** One figure of a metric. */
export const Sample = z.object({
  name: z.custom<SeriesName>(isSeriesName),
  labels: z.record(z.string(), z.string()),
  value: z.number(),
});
export type Sample = z.output<typeof Sample>;

/** Which metric a series belongs to. */
export function metricOf(name: SeriesName): MetricName {
  return isMetricName(name) ? name : REQUEST_DURATION;
}

function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

export const METRIC_NAMES = Object.keys(METRICS).filter(isMetricName);

function isSeriesName(name: unknown): name is SeriesName {
  if (typeof name !== "string") return false;
  return isMetricName(name) || ["bucket", "sum", "count"].some((part) => name === `${REQUEST_DURATION}_${part}`);
}
