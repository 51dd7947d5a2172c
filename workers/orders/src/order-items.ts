import type { NewItem } from "../../../shared/contracts/orders.ts";
import type { FieldError } from "../../../shared/http/problem.ts";
import type { Failure } from "../../../shared/result.ts";
import { decimalsOf, MINOR_UNITS_MAX, toMinorUnits } from "./money.ts";
import type { OrderItem } from "./schema.ts";

export type OrderItems = [OrderItem, ...OrderItem[]];

/** Why items cannot be ordered. */
export type ItemsRefusal = Failure<"invalid_request" | "service_unavailable"> & { errors?: FieldError[] };

type ReadItems = { ok: true; value: OrderItems } | { ok: false; failure: ItemsRefusal };

/** Which of these are photos of this user. Throws when nobody says. */
export type OwnedImages = (userId: string, imageIds: string[]) => Promise<string[]>;

/** What the items cost together, in minor units. */
export function totalOf(items: Pick<OrderItem, "quantity" | "priceCents">[]): number {
  return items.reduce((total, { quantity, priceCents }) => total + quantity * priceCents, 0);
}

/** Items as they come, with exact prices and none but the user's own photos. */
export async function readItems(
  deps: { ownedImages: OwnedImages },
  userId: string,
  items: NewItem[],
  currency: string,
): Promise<ReadItems> {
  const priced = priceItems(items, currency);
  if (!priced.ok) return priced;
  const imageIds = [...new Set(priced.value.flatMap(({ imageId }) => imageId ?? []))];
  if (imageIds.length === 0) return priced;
  // A photo that is deleted from here on stays in the order: its row says what was wanted, the shop finds out.
  const owned = await deps.ownedImages(userId, imageIds).catch(() => null);
  if (owned === null) return refuse("service_unavailable", "Photos cannot be looked up at the moment.");
  const foreign = priced.value.flatMap(({ imageId }, index) =>
    imageId === null || owned.includes(imageId) ? [] : [errorAt(index, "imageId", "is no photo of yours")],
  );
  return foreign.length === 0 ? priced : refuse("invalid_request", "Some photos are not yours: see errors.", foreign);
}

function priceItems(items: NewItem[], currency: string): ReadItems {
  const decimals = decimalsOf(currency);
  if (decimals === null) return refuseField("currency", "is no currency of ISO 4217 that can be paid with");
  const errors: FieldError[] = [];
  const priced = items.map(({ product, quantity, price, imageId = null, variant = null }, index): OrderItem => {
    const priceCents = toMinorUnits(String(price), decimals);
    if (priceCents === null) errors.push(errorAt(index, "price", `at most ${decimals} decimals in ${currency}`));
    if (variant !== null && imageId === null) errors.push(errorAt(index, "variant", "is of a photo: name its imageId"));
    const size = imageId === null ? null : (variant ?? "original");
    return { product, quantity, priceCents: priceCents ?? 0, imageId, variant: size };
  });
  if (errors.length > 0) return refuse("invalid_request", "Some items cannot be ordered: see errors.", errors);
  const [first, ...others] = priced;
  if (first === undefined) return refuseField("items", "needs at least one");
  if (totalOf(priced) > MINOR_UNITS_MAX) return refuseField("items", "cost more together than can be counted exactly");
  return { ok: true, value: [first, ...others] };
}

function errorAt(index: number, field: string, message: string): FieldError {
  return { path: `items.${index}.${field}`, message };
}

function refuseField(path: string, message: string): ReadItems {
  return refuse("invalid_request", "The order does not fit: see errors.", [{ path, message }]);
}

function refuse(code: ItemsRefusal["code"], detail: string, errors?: FieldError[]): ReadItems {
  return { ok: false, failure: { code, detail, ...(errors && { errors }) } };
}
