/** wrangler turns an imported .wasm file into a compiled module. */
declare const module: WebAssembly.Module;
export default module;
