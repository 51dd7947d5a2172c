/** Peak signal-to-noise ratio of two pictures of one size, in decibels: higher is nearer. Equal ones have 120 or more. */
export function psnrOf(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`Pictures of ${a.length} and ${b.length} bytes cannot be compared.`);
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / Math.max(squares, 1e-9));
}
