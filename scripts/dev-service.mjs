// npm run dev:<service>: one Worker alone, over the same data and on its own port. Several of them find each other.

import { runCommand, Stop } from "./lib/command.mjs";
import { startHalftone } from "./lib/halftone.mjs";
import { servicePorts, services } from "./lib/paths.mjs";
import { runUntilSignal } from "./lib/signals.mjs";

await runCommand(async () => {
  const [service] = process.argv.slice(2);
  if (!services.includes(service))
    throw new Stop(`There is no service ${service}: choose one of ${services.join(", ")}.`);
  const port = Number(process.env.PORT || servicePorts[service]);
  return runUntilSignal(async (onCrash) => {
    const halftone = await startHalftone({ port, services: [service], admin: false, print: console.log, onCrash });
    console.log(`The ${service} service is ready: ${halftone.url}  (Ctrl-C stops it)`);
    return halftone;
  });
});
