const POLYNOMIAL = 0xedb88320;

/** CRC-32 as PNG has it (PNG 3rd edition §5.5), bit by bit: what is summed here is short. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  }
  return ~crc >>> 0;
}
