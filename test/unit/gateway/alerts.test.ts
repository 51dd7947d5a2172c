import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { METRICS, metricOf, Sample } from "../../../shared/contracts/metrics.ts";

const DOCS = join(import.meta.dirname, "../../../docs");

/** A rule as Prometheus takes it; a misspelt key would be refused there too. */
const Rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(["critical", "warning"]) }),
          annotations: z.strictObject({ summary: z.string() }),
        }),
      ),
    }),
  ),
});

const rules = Rules.parse(parse(readFileSync(join(DOCS, "alerts.yml"), "utf8"))).groups.flatMap((group) => group.rules);
const manual = readFileSync(join(DOCS, "operations.md"), "utf8");

/** What an expression is made of: its metrics, the labels it names, and the places that are no PromQL. */
function readExpression(expression: string) {
  const parts = { metrics: [] as string[], labels: [] as string[], errors: [] as number[] };
  parser.parse(expression).iterate({
    enter({ name, type, from, to }) {
      const text = expression.slice(from, to);
      if (type.isError) parts.errors.push(from);
      if (name === "Identifier") parts.metrics.push(text);
      if (name === "LabelName") parts.labels.push(text);
    },
  });
  return parts;
}

/** The labels of a series, `le` among those of a bucket. */
function labelsOf(series: string): readonly string[] {
  const { labels } = METRICS[metricOf(Sample.shape.name.parse(series))];
  return series.endsWith("_bucket") ? [...labels, "le"] : labels;
}

test("the reader finds what is wrong", () => {
  expect(readExpression("sum by (service) (rate(halftone_jobs[5m]) > 1").errors).not.toEqual([]);
  const { metrics, labels } = readExpression('sum by (code) (rate(some_total{status="5xx"}[5m]))');
  expect([metrics, labels]).toEqual([["some_total"], ["code", "status"]]);
});

describe("the alert", () => {
  test.each(rules)("$alert is PromQL about metrics and labels that there are", ({ expr }) => {
    const { metrics, labels, errors } = readExpression(expr);
    expect(errors).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    for (const metric of metrics) {
      for (const label of labels.filter((name) => name !== "le" || metric.endsWith("_bucket"))) {
        expect(labelsOf(metric)).toContain(label);
      }
    }
  });

  test.each(rules)("$alert is explained in docs/operations.md, its summary names only labels that it has", (rule) => {
    expect(manual).toContain(`\`${rule.alert}\``);
    const named = [...rule.annotations.summary.matchAll(/\$labels\.(\w+)/g)].map((match) => match[1]);
    for (const label of named) expect(rule.expr).toMatch(new RegExp(`by \\(.*\\b${label}\\b.*\\)`));
  });
});

test("every alert has a name of its own", () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test("every metric is explained in docs/operations.md", () => {
  for (const metric of Object.keys(METRICS)) expect(manual).toContain(`\`${metric}\``);
});
