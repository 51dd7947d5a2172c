import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NewOrder } from "../../../shared/contracts/orders.ts";
import { decimalsOf, MINOR_UNITS_MAX, toMinorUnits, toUnits } from "../../../workers/orders/src/money.ts";

const CURRENCIES = ["JPY", "EUR", "KWD"].map((code) => ({ code, decimals: decimalsOf(code)! }));

/** Any amount, as its minor units and as somebody would write it. */
const amount = fc
  .record({ currency: fc.constantFrom(...CURRENCIES), minorUnits: fc.integer({ min: 0, max: 999_999_999_999 }) })
  .map(({ currency: { code, decimals }, minorUnits }) => {
    const digits = String(minorUnits).padStart(decimals + 1, "0");
    const whole = digits.slice(0, digits.length - decimals);
    const text = decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
    return { code, decimals, minorUnits, text };
  })
  .filter(({ text }) => text.split(".")[0]!.length <= 10);

/** The price as it is read, undefined where it is none. */
function priceOf(price: number | string, currency: string): string | undefined {
  const parsed = NewOrder.safeParse({ product: "Print", quantity: 1, price, currency });
  return parsed.success ? String(parsed.data.price) : undefined;
}

describe("a price", () => {
  test("keeps every unit of every amount, written as text or as a number", () => {
    fc.assert(
      fc.property(amount, ({ code, decimals, minorUnits, text }) => {
        for (const price of [text, JSON.parse(text) as number]) {
          expect(toMinorUnits(priceOf(price, code) ?? "", decimals)).toBe(minorUnits);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("reads as what was ordered when it is answered as a number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MINOR_UNITS_MAX }), fc.constantFrom(0, 2, 3), (minorUnits, decimals) => {
        const answered = JSON.stringify(toUnits(minorUnits, decimals));
        expect(toMinorUnits(answered, decimals)).toBe(minorUnits);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(["", ".5", "5.", "-1", "+1", "1e3", "0x10", "1,50", " 1", "NaN", "12345678901", "0.00001"])(
    "is never %j",
    (text) => {
      expect(priceOf(text, "EUR")).toBeUndefined();
    },
  );

  test.each([-1, 1e21, 1e-7, 0.1 + 0.2])("is never the number %d", (number) => {
    expect(priceOf(number, "EUR")).toBeUndefined();
  });

  test("has no more decimals than its currency", () => {
    expect([toMinorUnits("1.005", 2), toMinorUnits("1.5", 0), toMinorUnits("1.005", 3)]).toEqual([null, null, 1005]);
    expect(["XXX", "eur", "XAU", "__proto__"].map(decimalsOf)).toEqual([null, null, null, null]);
  });
});
