import type { Faults } from "../../fault/faults.ts";
import { type Product, startProduct } from "./product.ts";

export interface FaultyProduct extends Product {
  /** Breaks a service from the gateway's point of view, or heals it. */
  setFaults(service: string, faults: Faults): Promise<void>;
}

const SERVICES = ["auth", "images", "resizer", "orders", "audit", "webhooks"];

/**
 * Starts all Workers with a fault Worker between the gateway and each service. Configuration alone puts them there: the
 * gateway's bindings name them in place of the services.
 */
export async function startFaultyProduct(vars: Record<string, string> = {}): Promise<FaultyProduct> {
  const names = SERVICES.map((service) => [`${service.toUpperCase()}_HTTP`, `fault-${service}`]);
  const product = await startProduct(vars, {
    gatewayBindings: { ...Object.fromEntries(names), AUTH: "fault-auth" },
    workers: SERVICES.map((service) => ({ config: faultWorker(service) })),
  });
  return {
    ...product,
    async setFaults(service, faults) {
      const answer = await product.fetchFrom(`fault-${service}`, "/__fault", {
        method: "POST",
        body: JSON.stringify(faults),
      });
      if (answer.status !== 204) throw new Error(`The fault Worker of ${service} answered ${answer.status}.`);
    },
  };
}

function faultWorker(service: string) {
  return {
    name: `fault-${service}`,
    main: "test/fault/worker.ts",
    compatibility_date: "2026-09-18",
    services: [
      { binding: "REAL", service: `halftone-${service}` },
      { binding: "REAL_AUTH", service: "halftone-auth", entrypoint: "AuthService" },
    ],
  };
}
