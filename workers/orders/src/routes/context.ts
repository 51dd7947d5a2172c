import type { Context } from "hono";
import { Breaker } from "../../../../shared/breaker.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import { type FieldError, refuse } from "../../../../shared/http/problem.ts";
import { etagOf } from "../../../../shared/http/version-tag.ts";
import { isId } from "../../../../shared/ids.ts";
import { describeError } from "../../../../shared/log.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import type { Failure } from "../../../../shared/result.ts";
import { ask } from "../ask.ts";
import { type Env, readSettings } from "../env.ts";
import { KnownCustomers } from "../known-customers.ts";
import type { OwnedImages } from "../order-items.ts";
import { OrdersRepo } from "../orders.repo.ts";
import type { Order } from "../schema.ts";
import { userExists } from "../user-exists.ts";
import { viewOrder } from "../view.ts";

export type OrderContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;

const RETRY_AFTER_SECONDS = 5;

/** How the routes that heed `If-Match` describe it. */
export const READS_IF_MATCH = { "If-Match": "the order's `ETag` as you read it: nobody else's change is overwritten" };

/** One for each neighbour, in this isolate. */
const breakers = { auth: new Breaker(), images: new Breaker() };

/** In this isolate. */
const customers = new KnownCustomers();

/** Whether auth still knows a user, or did a moment ago. Throws when it does not say. */
export function customersOf(c: OrderContext): (userId: string) => Promise<boolean> {
  const sources = {
    auth: c.env.AUTH,
    addresses: readSettings(c.env).USER_SERVICE_URL,
    authorization: c.req.header("Authorization") ?? "",
  };
  const askAuth = (userId: string) => ask(breakers.auth, () => userExists(sources, userId));
  return (userId) => customers.exists(userId, () => logged(c, "customer not looked up", () => askAuth(userId)));
}

/** Asks images which photos are a user's. Throws when it does not say. */
export function photosOf(c: OrderContext): OwnedImages {
  return (userId, imageIds) => {
    const ids = imageIds.filter(isId);
    return logged(c, "photos not looked up", () => ask(breakers.images, () => c.env.IMAGES.ownedImages(userId, ids)));
  };
}

async function logged<Answer>(c: OrderContext, message: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    c.var.log.error(message, { error: describeError(error) });
    throw error;
  }
}

/** The order of the path if the actor may see it: the owner may, and who manages everybody's orders. */
export async function visibleOrder(c: OrderContext): Promise<Order | null> {
  const id = c.req.param("id") ?? "";
  if (!isId(id)) return null;
  const order = await new OrdersRepo(c.env.DB).find(id);
  const { userId, permissions } = c.var.actor;
  return order?.userId === userId || permissions.has("orders:manage") ? order : null;
}

export function commitOf(c: OrderContext) {
  return committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx);
}

export function answerOrder(c: OrderContext, order: Order): Response {
  return c.json(viewOrder(order), 200, { ETag: etagOf(order) });
}

type OrderRefusal = Failure<
  | "invalid_request"
  | "unauthenticated"
  | "key_in_use"
  | "service_unavailable"
  | "not_changeable"
  | "illegal_status_change"
  | "forbidden"
  | "conflict"
> & { errors?: FieldError[] };

/** @param extra what else the problem document says */
export function refuseOrder(c: OrderContext, failure: OrderRefusal, extra: Record<string, unknown> = {}): Response {
  // Who named the version that they know is told that it is outdated, whenever that showed.
  if (failure.code === "conflict" && c.req.header("If-Match") !== undefined) return refuseStale(c);
  const { errors } = failure;
  const isForLater = failure.code === "service_unavailable" || failure.code === "key_in_use";
  return refuse(c, failure, {
    ...(errors && { errors }),
    ...(isForLater && { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } }),
    extra,
  });
}

export function refuseStale(c: OrderContext): Response {
  return refuse(c, { code: "precondition_failed", detail: "This order has another ETag by now. Read it again." });
}
