/// <reference path="../targets/wasm/webAssembly.d.ts" />
import { encodeModule, type WasmModule } from '../targets/wasm/assembler/index.ts';
import { multiplyFunctions } from './multiply.ts';
import { substituteFunction } from './substitute.ts';

export * from './shape.ts';

/** Pages of 64 KB that any WebAssembly memory can have: 4 GB. */
export const mostPages = 65536;

/** The module of the blocked linear algebra; its memory is shared between threads. */
export function linearModule(relaxed: boolean, shared: boolean): WasmModule {
  return {
    head: [],
    memory: { minimumPages: 1, maximumPages: mostPages, shared },
    functions: [...multiplyFunctions(relaxed), substituteFunction(relaxed)],
  };
}

/** Its bytes for this machine: with multiply-add in one rounding where there is relaxed SIMD. */
export function loadableLinear(shared: boolean): Uint8Array<ArrayBuffer> {
  const fused = encodeModule(linearModule(true, shared));
  return WebAssembly.validate(fused) ? fused : encodeModule(linearModule(false, shared));
}
