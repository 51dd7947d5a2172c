import type { Kernel } from "./kernel.ts";
import type { Original } from "./original.ts";

/** A whole file in the kernel's memory. */
export interface LoadedFile {
  address: number;
  /** Bytes. */
  length: number;
}

/** Reads a file straight into the kernel's memory. Null when there is no room for it. */
export async function loadFile(kernel: Kernel, original: Original): Promise<LoadedFile | null> {
  const { length } = original;
  const address = kernel.alloc(length);
  if (address === null) return null;
  await original.rest((part, at) => kernel.bytes(address + at, part.length).set(part));
  return { address, length };
}
