import * as z from "zod";
import type { BreakerState } from "../../../../shared/breaker.ts";
import { METRIC_NAMES, METRICS, type MetricName, metricOf, Sample } from "../../../../shared/contracts/metrics.ts";
import { askAuthState } from "../callers/ask-auth.ts";
import { bindingOf, breakerStates } from "../calls/targets.ts";
import type { Env } from "../env.ts";
import { type SystemReport, systemHealth } from "../health/health.ts";
import { SERVICES, type ServiceName } from "../routes.ts";
import { METRICS_SHARDS } from "./counters.ts";
import { cumulate } from "./histogram.ts";

/** A metric with all its figures. */
export interface MetricFamily {
  name: MetricName;
  type: string;
  help: string;
  samples: Sample[];
}

/** A service that takes longer for its figures goes without them: whoever scrapes waits ten seconds at most. */
const PATIENCE_MS = 2_000;

/** All figures: what the isolates have counted, and what the services say of themselves at this moment. */
export async function readMetrics(env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<MetricFamily[]> {
  const [counters, report, ...gauges] = await Promise.all([
    readCounters(env),
    systemHealth(env, context),
    ...SERVICES.map((name) => readGauges(env, name)),
  ]);
  return familiesOf([...cumulate(counters), ...healthSamples(report), ...breakerSamples(env), ...gauges.flat()]);
}

/** Every metric in its order, those without figures too, so that nobody takes a quiet one for a missing one. */
function familiesOf(samples: Sample[]): MetricFamily[] {
  const byMetric = Map.groupBy(samples, ({ name }) => metricOf(name));
  return METRIC_NAMES.map((name) => {
    const { type, help } = METRICS[name];
    return { name, type, help, samples: byMetric.get(name) ?? [] };
  });
}

const Series = z.tuple([Sample.shape.name, Sample.shape.labels]);

/** The sum of all shards. */
async function readCounters(env: Env): Promise<Sample[]> {
  const shards = Array.from({ length: METRICS_SHARDS }, (_, shard) => env.METRICS.getByName(`shard-${shard}`).read());
  const sums = new Map<string, number>();
  for (const { key, value } of (await Promise.all(shards)).flat()) sums.set(key, (sums.get(key) ?? 0) + value);
  return [...sums].map(([key, value]) => {
    const [name, labels] = Series.parse(JSON.parse(key));
    return { name, labels, value };
  });
}

/** What only a service knows of itself; nothing where it is away, which `halftone_service_up` says. */
async function readGauges(env: Env, name: ServiceName): Promise<Sample[]> {
  try {
    const answer = await bindingOf(env, name).fetch("https://internal/gauges", {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.ok ? z.array(Sample).parse(await answer.json()) : [];
  } catch {
    return [];
  }
}

/** Degraded is up: what is wrong then stands among the dependencies. */
function healthSamples({ services }: SystemReport): Sample[] {
  return Object.entries(services).flatMap(([service, { status, dependencies }]) => [
    { name: "halftone_service_up" as const, labels: { service }, value: status === "unhealthy" ? 0 : 1 },
    ...Object.entries(dependencies).map(([dependency, { status: state }]) => ({
      name: "halftone_dependency_up" as const,
      labels: { service, dependency },
      value: state === "healthy" ? 1 : 0,
    })),
  ]);
}

const BREAKER_VALUES: Record<BreakerState, number> = { closed: 0, "half-open": 1, open: 2 };

/** Auth is reached in two ways: its routes by requests, and what the gateway itself asks it by calls. */
function breakerSamples(env: Env): Sample[] {
  const calls = { service: "auth", name: "auth calls", state: askAuthState(env) } as const;
  return [...breakerStates(env), calls].map(({ service, name, state }) => ({
    name: "halftone_breaker_state",
    labels: { service, target: name },
    value: BREAKER_VALUES[state],
  }));
}
