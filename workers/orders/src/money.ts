/** ISO 4217's active currencies by their number of decimals; funds, metals and test codes are nothing to pay with. */
const BY_DECIMALS: Record<number, string> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
  2: `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
    CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG`,
  3: "BHD IQD JOD KWD LYD OMR TND",
};

const DECIMALS = new Map(
  Object.entries(BY_DECIMALS).flatMap(([decimals, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(decimals)] as const),
  ),
);

/** How many decimals a currency has, null where there is no such currency. */
export function decimalsOf(currency: string): number | null {
  return DECIMALS.get(currency) ?? null;
}

/**
 * The minor units of an amount in plain decimal digits, such as `29.99`; null where it has more decimals than the
 * currency. Digits are moved, nothing is computed, so nothing is rounded.
 */
export function toMinorUnits(amount: string, decimals: number): number | null {
  const [whole = "", fraction = ""] = amount.split(".");
  return fraction.length > decimals ? null : Number(whole + fraction.padEnd(decimals, "0"));
}

/**
 * The number that reads as the amount: the one next to it, whose shortest spelling is the amount again, as long as it has
 * no more than fifteen digits.
 */
export function toUnits(minorUnits: number, decimals: number): number {
  return minorUnits / 10 ** decimals;
}

/** The most that can be answered as a JSON number and read back by everybody: fifteen digits (IEEE 754 doubles). */
export const MINOR_UNITS_MAX = 999_999_999_999_999;
