/** Node compiles WebAssembly from bytes. Workers cannot, and the types that all unit tests share are theirs. */
export function compileWasm(bytes) {
  return new WebAssembly.Module(bytes);
}
