import type { Labels, Sample } from "../../../../shared/contracts/metrics.ts";
import type { MetricFamily } from "./read-metrics.ts";

export const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** Writes metrics in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function writePrometheus(families: MetricFamily[]): string {
  return families.map(writeFamily).join("");
}

function writeFamily({ name, type, help, samples }: MetricFamily): string {
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  return head + samples.map(writeSample).join("");
}

function writeSample({ name, labels, value }: Sample): string {
  return `${name}${writeLabels(labels)} ${value}\n`;
}

function writeLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeValue(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
