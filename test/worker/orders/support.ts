import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { OrderView } from "../../../shared/contracts/orders.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { call } from "../call.ts";
import type { TestEnv } from "../env.ts";
import type { ScriptedImages } from "../scripted-peers.ts";
import type { Person } from "../sign-in.ts";

const bindings = env as unknown as TestEnv & { IMAGES: ScriptedImages };

export const photos = bindings.IMAGES;

export const BOOK = { product: "Go Programming Book", quantity: 2, price: 29.99 };

export async function place(person: Person, json: object = BOOK): Promise<OrderView> {
  const response = await call("/api/orders", { as: person, json });
  expect(response.status).toBe(201);
  return response.json();
}

export function waitingEvents() {
  return new D1OutboxStore(bindings.DB).next(100);
}

/** The fields that an answer complains about. */
export async function complaintsOf(response: Response): Promise<string[]> {
  expect(response.status).toBe(422);
  const { errors } = await response.json<{ errors: { path: string }[] }>();
  return errors.map(({ path }) => path);
}
