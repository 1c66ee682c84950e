/** The reference's Gram matrices that laws compare: each computed once, and inputs prepared once a kernel. */
import type { SingleKernel } from '../../ir/program/index.ts';
import { gram } from '../../runtime/gram.ts';
import type { CompiledKernel, Inputs, Prepared } from '../../runtime/kernel.ts';
import type { LawContext } from './law.ts';

const enough = 3;

/** What laws look at that hold whatever the inputs: where these have positions and pairs are dear, the first three. */
export function fewOf(x: Inputs, hasPositions: boolean): Inputs {
  if (!hasPositions || x.n <= enough) return x;
  const first = (all: Float64Array) => all.subarray(0, (all.length / x.n) * enough);
  return {
    data: first(x.data),
    n: enough,
    ...(x.patterns && { patterns: first(x.patterns) }),
    ...(x.present && { present: first(x.present) }),
  };
}

export function rememberedGrams({ compile, x, few }: Omit<LawContext, 'gramOf'>): LawContext['gramOf'] {
  const kernelOf = remembered(async (kernel: SingleKernel) => preparingOnce(await compile(kernel)));
  const gramOf = remembered(
    async (kernel: SingleKernel, paired: boolean, layerWeights: readonly number[] | null, of: 'all' | 'few') => {
      const compiled = await kernelOf(kernel);
      const inputs = of === 'few' ? few : x;
      const weighted = layerWeights === null ? compiled : compiled.withLayerWeights(layerWeights);
      return gram(weighted, inputs, paired ? inputs : undefined);
    },
  );
  return async (kernel, { layerWeights = null, paired = false, of = 'all' } = {}) => {
    if (of === 'all' || few.n === x.n) return gramOf(kernel, paired, layerWeights, 'all');
    if (layerWeights !== null) return gramOf(kernel, paired, layerWeights, 'few');
    const all = await gramOf(kernel, paired, null, 'all');
    return Float64Array.from({ length: few.n ** 2 }, (_, e) => all[Math.floor(e / few.n) * x.n + (e % few.n)]!);
  };
}

/** The function, called once for equal arguments. */
function remembered<A extends readonly unknown[], T>(f: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (...args) => {
    const key = JSON.stringify(args);
    const made = known.get(key) ?? f(...args);
    known.set(key, made);
    return made;
  };
}

/** The kernel, whose inputs are prepared once: both sides of a pair are the same, and so are two matrices of one input. */
function preparingOnce(kernel: CompiledKernel): CompiledKernel {
  const known = new WeakMap<Float64Array, Promise<Prepared>>();
  const prepare = (x: Inputs): Promise<Prepared> => {
    const made = known.get(x.data) ?? Promise.resolve(kernel.prepare(x));
    known.set(x.data, made);
    return made;
  };
  return { ...kernel, prepare };
}
