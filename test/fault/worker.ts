import { WorkerEntrypoint } from "cloudflare:workers";
import type { AuthApi, CredentialUse } from "../../shared/contracts/rpc.ts";
import type { Fault, Faults } from "./faults.ts";

interface FaultEnv {
  /** The service in whose place this Worker stands. */
  REAL: Fetcher;
  REAL_AUTH: AuthApi;
}

/** Longer than any timeout of the gateway's that a test waits for. */
const HANG_MS = 60_000;
/** Slow, and still in time. */
const DELAY_MS = 700;
/** How many calls fail of those that fail at a rate. */
const FAILING_SHARE = 0.3;

let faults: Faults = { http: null, rpc: null };

/** Stands in a service's place and breaks as it is told by `POST /__fault`; else it hands everything on. */
export default class extends WorkerEntrypoint<FaultEnv> implements AuthApi {
  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === "/__fault") {
      faults = await request.json();
      return new Response(null, { status: 204 });
    }
    await suffer(faults.http);
    switch (faults.http) {
      case "500":
        return new Response("<h1>Internal Server Error</h1>", {
          status: 500,
          headers: { "Content-Type": "text/html" },
        });
      case "wrong_json":
        return new Response("<p>Welcome!</p>", { headers: { "Content-Type": "application/json" } });
      case "truncate":
        return cutInHalf(await this.env.REAL.fetch(request));
      case "reset":
        return cutOff(await this.env.REAL.fetch(request), 0, this.ctx);
      case "cut":
        return cutOff(await this.env.REAL.fetch(request), 0.5, this.ctx);
      default:
        return this.env.REAL.fetch(request);
    }
  }

  // Auth's door for calls, which breaks in the same ways, as far as a call can.

  jwks() {
    return brokenly(() => this.env.REAL_AUTH.jwks());
  }

  userExists(userId: string) {
    return brokenly(() => this.env.REAL_AUTH.userExists(userId));
  }

  exchange(credential: string, use: CredentialUse) {
    return brokenly(() => this.env.REAL_AUTH.exchange(credential, use));
  }

  revocations(after: number) {
    return brokenly(() => this.env.REAL_AUTH.revocations(after));
  }

  sessionIsLive(userId: string, sessionId: string) {
    return brokenly(() => this.env.REAL_AUTH.sessionIsLive(userId, sessionId));
  }
}

async function brokenly<Value>(call: () => Promise<Value>): Promise<Value> {
  await suffer(faults.rpc);
  const answers: Partial<Record<Fault, unknown>> = { "500": null, truncate: {}, wrong_json: { welcome: true } };
  if (faults.rpc === "reset" || faults.rpc === "cut") throw new Error("The connection was lost.");
  // What a broken auth answers is nothing that its contract knows.
  if (faults.rpc !== null && faults.rpc in answers) return answers[faults.rpc] as Value;
  return call();
}

/** The faults that look the same at both doors. */
async function suffer(fault: Fault | null): Promise<void> {
  if (fault === "throw" || (fault === "rate" && Math.random() < FAILING_SHARE)) throw new Error("The service broke.");
  if (fault === "hang") await scheduler.wait(HANG_MS);
  if (fault === "delay") await scheduler.wait(DELAY_MS);
}

async function cutInHalf(answer: Response): Promise<Response> {
  const bytes = await answer.arrayBuffer();
  return new Response(bytes.slice(0, bytes.byteLength / 2), answer);
}

/** Sends a share of the bytes that it has declared, 0 for none, and breaks off. */
async function cutOff(answer: Response, share: number, ctx: Pick<ExecutionContext, "waitUntil">): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const { readable, writable } = new FixedLengthStream(bytes.byteLength);
  const writer = writable.getWriter();
  const send = async () => {
    if (share > 0) await writer.write(bytes.slice(0, bytes.byteLength * share));
    await writer.abort(new Error("The connection was lost."));
  };
  // Whoever asked may have hung up before.
  ctx.waitUntil(send().catch(() => undefined));
  return new Response(readable, answer);
}
