/// <reference path="../targets/wasm/webAssembly.d.ts" />
import { encodeModule, type WasmFunction, type WasmModule } from '../targets/wasm/assembler/index.ts';
import { addFunction, productFunction } from './entrywise.ts';
import { multiplyFunctions } from './multiply.ts';
import { substituteFunction } from './substitute.ts';
import { dotsFunction, packFunction, storeFunction } from './tensor.ts';

export * from './shape.ts';

/** Pages of 64 KB that any WebAssembly memory can have: 4 GB. */
export const mostPages = 65536;

/** The module of the blocked linear algebra; its memory is shared between threads. */
export const linearModule = (relaxed: boolean, shared: boolean): WasmModule =>
  moduleOf([...multiplyFunctions(relaxed), substituteFunction(relaxed)], shared);

/** The module of contractions of tensors. */
export const tensorModule = (relaxed: boolean, shared: boolean): WasmModule =>
  moduleOf(
    [
      ...multiplyFunctions(relaxed),
      packFunction(1),
      packFunction(2),
      storeFunction(),
      dotsFunction(),
      productFunction(),
      addFunction(),
    ],
    shared,
  );

const moduleOf = (functions: readonly WasmFunction[], shared: boolean): WasmModule => ({
  head: [],
  memory: { minimumPages: 1, maximumPages: mostPages, shared },
  functions,
});

/** Bytes of a module for this machine: with multiply-add in one rounding where there is relaxed SIMD. */
export function loadable(
  make: (relaxed: boolean, shared: boolean) => WasmModule,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const fused = encodeModule(make(true, shared));
  return WebAssembly.validate(fused) ? fused : encodeModule(make(false, shared));
}
