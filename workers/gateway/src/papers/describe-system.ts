import * as z from "zod";
import { HEALTH_STATES } from "../../../../shared/http/health.ts";
import { describe, TEXT } from "../../../../shared/http/openapi.ts";

const State = z.enum(HEALTH_STATES);

/** What everybody sees, and what admins see beside it. */
const SystemHealth = z
  .object({
    status: State,
    timestamp: z.iso.datetime(),
    service: z.literal("gateway"),
    services: z.record(
      z.string(),
      z.object({
        status: State,
        ms: z.number().optional().describe("milliseconds until it answered; for admins"),
        dependencies: z
          .record(z.string(), z.object({ status: State, ms: z.number() }))
          .optional()
          .describe("for admins"),
        figures: z
          .record(z.string(), z.number())
          .optional()
          .describe("what is out of order, such as orphans; for admins"),
      }),
    ),
  })
  .meta({ ref: "SystemHealth" });

const MetricFamilies = z
  .object({
    metrics: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        help: z.string(),
        samples: z.array(z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() })),
      }),
    ),
  })
  .meta({ ref: "Metrics" });

export const describeHealth = describe({
  summary: "How the system and its services are, with detail for admins",
  tags: ["system"],
  responds: { 200: SystemHealth, 503: SystemHealth },
});

export const describeMetrics = describe({
  summary: "Figures for Prometheus, or as JSON; deployed with the scrape token or as an admin",
  tags: ["system"],
  responds: { 200: { says: "Done", content: { "text/plain": TEXT, "application/json": MetricFamilies } } },
});
