// npm run queue [-- --failed | --redrive [--code <code>]] [--url <address>] [--json]: what waits and what failed in the
// images service, and trying again what failed.

import { parseArgs } from "node:util";
import { asAdmin } from "./lib/admin-api.mjs";
import { runCommand } from "./lib/command.mjs";

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      failed: { type: "boolean", default: false },
      redrive: { type: "boolean", default: false },
      code: { type: "string" },
      url: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  await asAdmin(values, async (ask) => {
    if (values.redrive) console.log(`${await redrive(ask, values.code)} failed jobs have a new one in their place.`);
    else if (values.failed) print(await failedJobs(ask, values.code), values.json, describeJobs);
    else print(await ask("GET", "/api/admin/queue"), values.json, describeQueue);
  });
  return 0;
});

function print(content, asJson, describe) {
  console.log(asJson ? JSON.stringify(content, null, 2) : describe(content));
}

/** The newest hundred. */
function failedJobs(ask, code) {
  const query = new URLSearchParams({ status: "failed", limit: "100", ...(code !== undefined && { errorCode: code }) });
  return ask("GET", `/api/admin/jobs?${query}`);
}

/** A call takes some of them. Those that fail again meanwhile are not tried again: only as many as there were. */
async function redrive(ask, code) {
  let redriven = 0;
  let left = Number.POSITIVE_INFINITY;
  while (left > 0) {
    const done = await ask("POST", "/api/admin/jobs/redrive", { ...(code !== undefined && { errorCode: code }) });
    left = Math.min(left, redriven === 0 ? done.left : left - done.redriven);
    redriven += done.redriven;
    if (done.redriven === 0) break;
  }
  return redriven;
}

function describeJobs(jobs) {
  if (jobs.length === 0) return "No job has failed.";
  return jobs
    .map(({ jobId, createdAt, errorCode, errorMessage, canBeRedriven }) => {
      return `${createdAt}  ${jobId}  ${errorCode}${canBeRedriven ? "" : " (tried again since, or lost)"}: ${errorMessage}`;
    })
    .join("\n");
}

function describeQueue({ jobs, events, uploads, trash }) {
  return [
    `jobs     ${jobs.pending} wait, ${jobs.processing} in work, ${jobs.failed} failed${oldest(jobs)}`,
    `events   ${events.waiting} wait for the log, ${events.setAside} set aside${oldest(events)}`,
    `uploads  ${uploads.begun} under way, ${uploads.resumable} resumable ones open`,
    `trash    ${trash} objects about to be deleted`,
  ].join("\n");
}

function oldest({ oldestSeconds }) {
  return oldestSeconds === null ? "" : `; the oldest waits ${Math.round(oldestSeconds)} s`;
}
