/** Spatial programs, inputs, and how far a kernel is from the program walked number by number. */
import { derive } from '../../src/derive/index.ts';
import type { NetworkInput } from '../../src/ir/arch/index.ts';
import { evaluateProgram, type Program, positionsOf, type Sample, type Statement } from '../../src/ir/program/index.ts';
import { network } from '../../src/ops/vocabulary.ts';
import { loadWasm } from '../../src/runtime/backends/wasm.ts';
import { gram } from '../../src/runtime/gram.ts';
import type { CompiledKernel, Inputs } from '../../src/runtime/kernel.ts';

export const conv = { op: 'conv', kernel: [3, 3], wStd: 1.4, bStd: 0.1 };
export const relu = { op: 'relu' };
export const dense = { op: 'dense', wStd: 1.2, bStd: 0.1 };
export const [flatten, mean] = [{ op: 'flatten' }, { op: 'globalAvgPool' }];

/** Two strides between the same grids: the wasm target has no plan for that. */
export const stridesThatDisagree = [
  conv,
  {
    op: 'sum',
    branches: [
      { kernel: [3, 1], strides: [2, 1] },
      { kernel: [4, 1], strides: [1, 1] },
    ].map((window) => [relu, { ...conv, ...window, padding: 'valid' }]),
  },
  relu,
  mean,
  dense,
];

export const programOf = (
  shape: readonly number[],
  layers: readonly object[],
  kernel: 'ntk' | 'nngp' | 'wntk' = 'ntk',
  isMasked = false,
): Program => {
  const input = { shape, ...(isMasked && { masked: true as const }) };
  return derive(network({ name: 'test', input, layers } as NetworkInput), kernel).program;
};

/** Numbers between -2 and 2. */
export function inputs(program: Program, n: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length: n * program.features }, () => {
    state = (state * 16807) % 2147483647;
    return (state / 2147483647) * 4 - 2;
  });
}

/** Inputs of n samples, with patterns and masks where the program has them. */
export function samples(program: Program, n: number): Inputs & { readonly rows: readonly Sample[] } {
  const data = inputs(program, n);
  const [d, p] = [program.features, positionsOf(program.extents)];
  const has = (kind: Statement['kind']) => program.statements.some((s) => s.kind === kind);
  const patterns = Float64Array.from({ length: n * p * p }, (_, i) => Math.max(0, Math.sin(1 + i * i)));
  const present = Float64Array.from({ length: n * p }, (_, i) => (i % p > 0 && i % (p + 1) === p ? 0 : 1));
  if (has('present'))
    for (const i of data.keys()) data[i] = (data[i] as number) * (present[Math.floor((i * p) / d)] as number);
  const rows = Array.from({ length: n }, (_, i) => ({
    x: [...data.subarray(i * d, (i + 1) * d)],
    ...(has('pattern') && { pattern: [...patterns.subarray(i * p * p, (i + 1) * p * p)] }),
    ...(has('present') && { present: [...present.subarray(i * p, (i + 1) * p)] }),
  }));
  return { data, n, rows, ...(has('pattern') && { patterns }), ...(has('present') && { present }) };
}

/** Samples but the first. */
const rest = ({ data, n, patterns, present }: Inputs): Inputs => ({
  data: data.subarray(data.length / n),
  n: n - 1,
  ...(patterns && { patterns: patterns.subarray(patterns.length / n) }),
  ...(present && { present: present.subarray(present.length / n) }),
});

/**
 * The largest relative error of a 3 x 3 Gram matrix against the program walked number by number: of rounding alone.
 */
export async function worstErrors(program: Program, kernel: CompiledKernel = loadWasm(program)) {
  const n = 3;
  const { rows, ...x } = samples(program, n);
  const weights = kernel.layerWeights;
  const errors = { pair: 0, diagonal: 0 };
  for (const [output, { name }] of program.outputs.entries()) {
    const ours = await gram(kernel, x, undefined, { output });
    const rectangle = await gram(kernel, x, rest(x), { output });
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const row = rows[i] as Sample;
        const want = evaluateProgram(program, row, i === j ? undefined : rows[j], weights).get(name) as number;
        const side = i === j ? 'diagonal' : 'pair';
        const found = [ours[i * n + j] as number, ...(i < j ? [rectangle[i * (n - 1) + j - 1] as number] : [])];
        for (const value of found) errors[side] = Math.max(errors[side], relativeError(value, want));
      }
  }
  return errors;
}

/** Of a 0 that is no 0, infinite. */
const relativeError = (value: number, want: number): number => (value === want ? 0 : Math.abs(value / want - 1));
