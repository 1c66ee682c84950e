import { arithmetic, referenceBody, workload } from '../../codegen/targets/reference/index.ts';
import { dualActivation, erf, expandMany } from '../../ir/gaussian/index.ts';
import type { Program } from '../../ir/program/index.ts';
import type { CompiledKernel, Inputs, LoadOptions, Prepared } from '../kernel.ts';
import { checkedWeights } from '../layerWeights.ts';
import { breather } from '../tiles.ts';

interface Module {
  prepare(x: Float64Array, n: number, weights: readonly number[], given: Partial<Inputs>): Prepared;
  tile(
    a: Prepared,
    i0: number,
    i1: number,
    b: Prepared,
    j0: number,
    j1: number,
    symmetric: boolean,
    out: Float64Array[],
  ): Float64Array[];
}

/** Numbers that one tile computes: half a second, at some 20 ns each. */
const tileNumbers = 2.5e7;

/** What pairs over positions take: nothing to speak of where inputs are vectors. */
function costs(program: Program): Pick<CompiledKernel, 'tileRows' | 'workingBytes'> {
  if (program.extents.length === 0) return {};
  const { arrayBytes, keptBytes, pairNumbers } = workload(program);
  return {
    tileRows: Math.max(1, Math.floor(Math.sqrt(tileNumbers / pairNumbers))),
    workingBytes: (n) => arrayBytes + n * keptBytes,
  };
}

interface Samples extends Prepared {
  readonly weights: readonly number[];
  readonly samples: readonly unknown[];
}

/** Samples with positions, one after the other: where each takes long, Ctrl-C and progress bars get in between. */
async function prepareOneByOne(
  module: Module,
  { data, n, patterns, present }: Inputs,
  weights: readonly number[],
): Promise<Samples> {
  const breathe = breather(undefined);
  const samples: unknown[] = [];
  for (let i = 0; i < n; i++) {
    await breathe();
    const of = (all: Float64Array) => all.subarray((i * all.length) / n, ((i + 1) * all.length) / n);
    const given = { ...(patterns && { patterns: of(patterns) }), ...(present && { present: of(present) }) };
    samples.push(...(module.prepare(of(data), 1, weights, given) as Samples).samples);
  }
  return { n, weights, samples };
}

/**
 * The float64 target without a device: the emitted reference source, loaded. Without loops, every self value of a prepared
 * batch has its name.
 */
export function loadReference(program: Program, options: LoadOptions = {}, loops = true): CompiledKernel {
  const { body } = referenceBody(program, { loops });
  const tolerances = program.statements.flatMap((s) => (s.kind === 'expand' ? [s.tolerance] : []));
  // The text is ours: made from a verified program, whose names are identifiers and whose constants are numbers.
  const load = new Function(
    'dualActivation',
    'erf',
    'expandMany',
    ...Object.keys(arithmetic),
    `'use strict';\n${body.replaceAll(/^export /gm, '')}\nreturn { prepare, tile };`,
  );
  const module = load(dualActivation, erf, expandMany, ...Object.values(arithmetic)) as Module;
  const cost = costs(program);
  const withLayerWeights = (layerWeights: readonly number[]): CompiledKernel => ({
    program,
    target: 'reference',
    dtype: 'float64',
    layerWeights,
    ...cost,
    withLayerWeights: (weights) => withLayerWeights(checkedWeights(program, weights)),
    prepare: (inputs: Inputs) =>
      program.extents.length > 0
        ? prepareOneByOne(module, inputs, layerWeights)
        : module.prepare(inputs.data, inputs.n, layerWeights, inputs),
    tile: ({ a, aRows, b, bRows, symmetric }) => {
      const size = (aRows[1] - aRows[0]) * (bRows[1] - bRows[0]);
      const out = program.outputs.map(() => new Float64Array(size));
      return module.tile(a, aRows[0], aRows[1], b, bRows[0], bRows[1], symmetric, out);
    },
    // Whichever route an expansion takes for a pair, it keeps its tolerance.
    ...(tolerances.length > 0 && { truncationBound: () => Math.max(...tolerances) }),
    dispose: () => {},
  });
  return withLayerWeights(checkedWeights(program, options.layerWeights));
}
