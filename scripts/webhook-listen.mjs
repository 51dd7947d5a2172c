// npm run webhook:listen -- --secret <whsec_…> [--port 9000] [--once] [--count <n>]: receives webhooks on this machine,
// verifies them and prints each as one line. The secret may stand in WHSEC.

import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { runCommand, Stop } from "./lib/command.mjs";
import { installPackages } from "./lib/install.mjs";

const DEFAULT_PORT = "9000";

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      secret: { type: "string", default: process.env.WHSEC ?? "" },
      port: { type: "string", default: DEFAULT_PORT },
      once: { type: "boolean", default: false },
      count: { type: "string" },
    },
  });
  if (!values.secret.startsWith("whsec_")) {
    throw new Stop("Say what POST /api/webhooks answered as secret: npm run webhook:listen -- --secret whsec_…");
  }
  if (!/^\d{1,5}$/.test(values.port)) throw new Stop("Write the port as a number: --port 9000");
  installPackages();
  const { Webhook } = await import("standardwebhooks");
  await listen({ port: Number(values.port), verifier: new Webhook(values.secret), count: countOf(values) });
  return 0;
});

/** After how many verified POSTs it ends by itself. */
function countOf({ once: isOnce, count }) {
  if (count === undefined) return isOnce ? 1 : Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d*$/.test(count)) throw new Stop("Write how many as a number above zero: --count 3");
  return Number(count);
}

async function listen({ port, verifier, count }) {
  let left = count;
  const server = createServer(async (request, response) => {
    const isVerified = receive(verifier, request, await text(request));
    // 401 has Halftone try again: a listener with another secret may come in this one's place.
    response.writeHead(isVerified ? 204 : 401, { Connection: "close" }).end();
    if (isVerified) left -= 1;
    if (left === 0) server.close();
  });
  server.on("error", (error) => {
    console.error(`It cannot listen on port ${port}: ${error.code}. Say another: --port 9001`);
    process.exitCode = 1;
  });
  server.listen(port, () => console.log(`Webhooks may come to http://localhost:${server.address().port}/`));
  await once(server, "close");
}

/** Verifies one POST and prints it. Answers whether it is good. */
function receive(verifier, request, body) {
  try {
    const { type, resource, sequence, index, metadata } = verifier.verify(body, request.headers);
    const id = request.headers["webhook-id"];
    console.log(`verified ${type} ${id} resource=${resource}#${sequence} log=${index} ${JSON.stringify(metadata)}`);
    return true;
  } catch (error) {
    console.log(`REFUSED ${request.method} ${request.url} ${JSON.stringify(error.message)}`);
    return false;
  }
}
