import { USER_AGENT } from "../lib/client.mjs";
import { expectAnswer, expectEqual, expectStatus, expectTrue, holds } from "../lib/expect.mjs";
import { expectMetrics } from "../lib/metrics.mjs";
import { ARCHIVIST } from "../lib/printed.mjs";
import {
  expectHealthy,
  expectHidden,
  expectLogin,
  expectProblem,
  expectRegistration,
  expectTokenNeeded,
} from "../lib/promises.mjs";
import { DOCUMENT } from "../lib/samples.mjs";
import { auditEntry, exactly, file, legacyToken, loggedIn, registered, storedFile, user } from "../lib/shapes.mjs";
import { waitFor } from "../lib/wait.mjs";

export const s4Checks = [
  ["S4.17", registersAsPrinted],
  ["S4.18", logsInAsPrinted],
  ["S4.19", showsYourself],
  ["S4.20", storesAFile],
  ["S4.21", listsOnlyYourFiles],
  ["S4.22", downloadsAFile],
  ["S4.23", logsAnUpload],
  ["S4.79", answersAThousandHealthRequestsTenAtATime],
  ["S4.80", tellsHealth],
  ["S4.81", reportsMetricsForPrometheus],
];

/** The log is written behind the answer (S4.41). */
const LOG_PATIENCE_MS = 15_000;
const LOAD_REQUESTS = 1_000;
const LOAD_CONCURRENCY = 10;

async function registersAsPrinted(system) {
  const shape = { ...registered, ...legacyToken };
  await expectRegistration(system, "/api/users/register", ARCHIVIST.register, shape);
}

async function logsInAsPrinted({ client, people }) {
  const { login, id } = await people.archivist();
  const { userId } = await expectLogin(client, "/api/users/login", login, { ...loggedIn, ...legacyToken });
  expectEqual("/api/users/login userId", userId, id);
}

async function showsYourself({ client, people }) {
  const { token, id, email } = await people.archivist();
  expectAnswer(await client.get("/api/users/me", { token }), 200, { ...user, id: exactly(id), email: exactly(email) });
  await expectTokenNeeded(client, "GET", "/api/users/me");
}

async function storesAFile({ client, people }) {
  const { token, id } = await people.archivist();
  const answer = await client.upload("/api/files", "file", DOCUMENT, { token });
  expectAnswer(answer, 201, { ...storedFile, ...documentOf(id) });
  expectProblem(await client.upload("/api/files", "file", DOCUMENT), 401, "unauthenticated");
}

/** What S4's answer says of the uploaded document. */
function documentOf(userId) {
  return {
    user_id: exactly(userId),
    name: exactly(DOCUMENT.name),
    size: exactly(DOCUMENT.bytes.length),
    mime_type: exactly(DOCUMENT.type),
  };
}

/** S4.37: every list holds its owner's files and nobody else's. */
async function listsOnlyYourFiles({ client, people, document }) {
  const { owner, stored } = await document();
  const answer = await client.get("/api/files", { token: owner.token });
  expectAnswer(answer, 200, [{ ...file, user_id: exactly(owner.id) }]);
  expectTrue("/api/files", holds(answer, stored.id), "the file just uploaded", answer.text);
  const stranger = await people.stranger();
  const theirs = await client.get("/api/files", { token: stranger.token });
  expectAnswer(theirs, 200, [file]);
  expectTrue("a stranger's /api/files", !holds(theirs, stored.id), "nobody else's file", theirs.text);
  await expectTokenNeeded(client, "GET", "/api/files");
}

/** C28: the address gives the bytes; what is known of them stands under `/meta`. */
async function downloadsAFile({ client, people, document }) {
  const { owner, stored } = await document();
  const path = `/api/files/${stored.id}`;
  const answer = await client.get(path, { token: owner.token });
  expectStatus(answer, 200);
  expectEqual(`${path} Content-Type`, answer.type, DOCUMENT.type);
  expectTrue(path, answer.bytes.equals(DOCUMENT.bytes), "the bytes as uploaded", answer.text);
  const disposition = answer.headers["content-disposition"] ?? "none";
  expectTrue(`${path} Content-Disposition`, disposition.includes(DOCUMENT.name), DOCUMENT.name, disposition);
  expectAnswer(await client.get(`${path}/meta`, { token: owner.token }), 200, { ...file, ...documentOf(owner.id) });

  const stranger = await people.stranger();
  await expectHidden(client, (any) => `/api/files/${any}`, stored.id, stranger.token);
  await expectTokenNeeded(client, "GET", path);
}

/** C11: a bare array, newest first. */
async function logsAnUpload({ client, people, document }) {
  const { owner, stored } = await document();
  const entry = await waitFor(`FILE_UPLOAD of ${stored.id} in the log`, LOG_PATIENCE_MS, async () => {
    const answer = await client.get("/api/audit/logs", { token: owner.token });
    expectAnswer(answer, 200, [{ ...auditEntry, user_id: exactly(owner.id) }]);
    return answer.json.find(({ action, resource }) => action === "FILE_UPLOAD" && resource === stored.id) ?? null;
  });
  expectEqual("metadata.filename", entry.metadata.filename, DOCUMENT.name);
  expectEqual("metadata.size", entry.metadata.size, DOCUMENT.bytes.length);
  expectEqual("user_agent", entry.user_agent, USER_AGENT);

  const stranger = await people.stranger();
  const theirs = await client.get("/api/audit/logs", { token: stranger.token });
  expectAnswer(theirs, 200, [{ ...auditEntry, user_id: exactly(stranger.id) }]);
  await expectTokenNeeded(client, "GET", "/api/audit/logs");
}

/** As `ab -n 1000 -c 10 /health`: every answer counts, its speed does not. */
async function answersAThousandHealthRequestsTenAtATime({ client }) {
  let sent = 0;
  let healthy = 0;
  async function keepAsking() {
    while (sent < LOAD_REQUESTS) {
      sent++;
      const { status } = await client.get("/health");
      if (status === 200) healthy++;
    }
  }
  await Promise.all(Array.from({ length: LOAD_CONCURRENCY }, keepAsking));
  expectEqual("answers with 200", healthy, LOAD_REQUESTS);
}

async function tellsHealth({ client }) {
  await expectHealthy(client, "/health");
}

async function reportsMetricsForPrometheus({ client }) {
  await expectMetrics(client);
}
