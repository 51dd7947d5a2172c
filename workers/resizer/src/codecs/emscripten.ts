import { memoryOf, type Started } from "./instance.ts";

interface StartOptions {
  noInitialRun: boolean;
  print(text: string): void;
  printErr(text: string): void;
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): WebAssembly.Exports;
}

/**
 * Starts a codec that was compiled with Emscripten. Workers compile no WebAssembly from bytes, so its factory is
 * handed an instance of the module that was deployed with the Worker.
 */
export async function startEmscripten<Api>(
  factory: (options: StartOptions) => Promise<Api>,
  module: WebAssembly.Module,
): Promise<Started<Api>> {
  let exports: WebAssembly.Exports = {};
  const api = await factory({
    noInitialRun: true,
    print: ignore,
    printErr: ignore,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(module, imports);
      exports = instance.exports;
      done(instance);
      return exports;
    },
  });
  return { api, memory: memoryOf(exports) };
}

/** The C libraries print what they think of a file. The log is JSON lines, and the outcome stands in the job's. */
function ignore(): void {}
