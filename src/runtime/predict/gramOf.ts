import { gram } from '../gram.ts';
import type { CompiledKernel } from '../kernel.ts';
import type { GramFunction } from './fit.ts';

/** A compiled kernel as kernel regression calls it: fit(data, { kernel: gramOf(kernel), ridge }). */
export const gramOf =
  (kernel: CompiledKernel): GramFunction =>
  (x1, n1, x2, n2) =>
    gram(kernel, { data: x1, n: n1 }, x2 === undefined ? undefined : { data: x2, n: n2 });
