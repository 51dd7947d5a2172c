export function compileWasm(bytes: Uint8Array): WebAssembly.Module;
