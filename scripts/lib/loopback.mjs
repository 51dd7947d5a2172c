// Listening on this machine alone: both of its own addresses, and one sentence where a port is taken.

import http from "node:http";
import { Stop } from "./command.mjs";

/** Only this machine may connect; clients resolve `localhost` to either address. */
const LOOPBACK = ["127.0.0.1", "::1"];

/**
 * @template {import("node:net").Server} Server
 * @param {() => Server} openServer
 * @param {number} port 0 for any free one
 * @returns {Promise<{ port: number, servers: Server[] }>}
 * @throws {Stop} when the port is taken
 */
export async function listenOnLoopback(openServer, port) {
  const servers = [];
  for (const address of LOOPBACK) {
    const server = openServer();
    const wanted = servers[0]?.address().port ?? port;
    try {
      await listening(server, wanted, address);
      servers.push(server);
    } catch (error) {
      // A machine without IPv6 does without; a port taken on one address only is taken.
      if (!(error instanceof Stop) && servers.length > 0) continue;
      for (const opened of servers) opened.close();
      throw error;
    }
  }
  return { port: servers[0].address().port, servers };
}

/** @throws {Stop} when something else listens on the port; found out before the long part of a start. */
export async function assertPortIsFree(port) {
  const { servers } = await listenOnLoopback(() => http.createServer(), port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
}

function listening(server, port, address) {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if (error.code === "EADDRINUSE") reject(portTaken(port));
      else if (error.code === "EACCES")
        reject(new Stop(`Port ${port} needs more rights: choose another one, such as PORT=8080.`));
      else reject(error);
    });
    server.listen({ port, host: address, ipv6Only: address === "::1" }, resolve);
  });
}

function portTaken(port) {
  return new Stop(
    `Port ${port} is taken: stop the program that uses it, or choose another one, such as PORT=${port + 1000}.`,
  );
}
