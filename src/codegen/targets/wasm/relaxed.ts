/// <reference path="./webAssembly.d.ts" />
import { encodeModule } from './assembler/index.ts';

/** Whether this machine's WebAssembly has relaxed SIMD: multiply-add in one rounding. */
export const hasRelaxed = (): boolean =>
  WebAssembly.validate(
    encodeModule({
      head: [],
      memory: { minimumPages: 1, maximumPages: 1, shared: false },
      functions: [
        {
          name: 'probe',
          parameters: [{ name: 'v', type: 'v128' }],
          results: ['v128'],
          locals: [],
          body: [['local.get', 0], ['local.get', 0], ['local.get', 0], ['f64x2.relaxed_madd']],
        },
      ],
    }),
  );
