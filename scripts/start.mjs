// npm start: the whole system on this machine, until Ctrl-C.  --ports adds the ports of the older services.

import { runCommand } from "./lib/command.mjs";
import { startHalftone } from "./lib/halftone.mjs";
import { readGrpcPort, readPort } from "./lib/read-settings.mjs";
import { runUntilSignal } from "./lib/signals.mjs";

/** Where the source systems' services listened: S0 8081–8083, S1 3001–3002, S3 5001–5016, S2 5020. */
const OLDER_PORTS = [8081, 8082, 8083, 3001, 3002, 5001, 5002, 5004, 5016, 5020];

await runCommand(async () => {
  const extraPorts = process.argv.includes("--ports") ? OLDER_PORTS : [];
  return runUntilSignal(async (onCrash) => {
    const halftone = await startHalftone({
      port: readPort(process.env),
      extraPorts,
      grpcPort: readGrpcPort(process.env),
      print: console.log,
      onCrash,
    });
    console.log(welcome(halftone, extraPorts));
    return halftone;
  });
});

function welcome({ url, admin, grpcPort }, extraPorts) {
  const also = extraPorts.length === 0 ? "" : `  The same door is open on ports ${extraPorts.join(", ")}.\n`;
  const grpc = grpcPort === undefined ? "" : `  Native gRPC clients: localhost:${grpcPort}\n`;
  const login = admin === undefined ? "" : `  Local admin: ${admin.email}  password: ${admin.password}\n`;
  return `
Halftone is ready: ${url}
${also}${grpc}${login}
  Try:  curl ${url}/health
        curl ${url}/api/auth/register -H 'Content-Type: application/json' -d '{"email":"ada@example.com","username":"ada","password":"a long pass phrase"}'
        curl ${url}/api/auth/login -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"a long pass phrase"}'

  Ctrl-C stops it. Every request is a line here; npm run logs -- <service> shows the rest.
`;
}
