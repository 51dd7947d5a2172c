import { expectEqual, expectStatus, expectTrue } from "./expect.mjs";

/** Prometheus' text format is the default (C15). */
export async function expectMetrics(client) {
  const answer = await client.get("/metrics");
  expectStatus(answer, 200);
  expectEqual("/metrics Content-Type", answer.type, "text/plain");
  expectTrue(
    "/metrics",
    /^# TYPE \w+ (counter|gauge|histogram|summary)$/m.test(answer.text),
    "a # TYPE line",
    answer.text,
  );
  expectTrue("/metrics", /^\w+(\{.*\})? [\d.e+-]+$/m.test(answer.text), "a sample line", answer.text);
}
