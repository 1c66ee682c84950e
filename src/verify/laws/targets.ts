/** Laws of targets: all of them compute what the loaded reference does. */
import { planSpatial } from '../../codegen/plan/spatial/index.ts';
import { generateReference } from '../../codegen/targets/reference/index.ts';
import { NtkcError } from '../../errors.ts';
import type { Program } from '../../ir/program/index.ts';
import { gram } from '../../runtime/gram.ts';
import type { CompiledKernel, Inputs } from '../../runtime/kernel.ts';
import { load } from '../../runtime/load.ts';
import { tolerances } from '../tolerances.ts';
import { compareGrams, type Finding, type Law } from './law.ts';

type Gram = (
  x1: Float64Array,
  n1: number,
  x2: undefined,
  n2: undefined,
  weights: readonly number[],
  given: Pick<Inputs, 'patterns' | 'present'>,
) => Float64Array;

const standalone: Law = {
  name: 'emitted source',
  checks: 'the standalone source for the reference target computes what the loaded kernel does',
  source: '@derived: one program, two ways to run it',
  run: async ({ compile, gramOf, kernels, few }) => {
    const found: Finding[] = [];
    for (const kernel of kernels) {
      const loaded = await compile(kernel);
      const text = generateReference(loaded.program, ['ntkc verify']);
      const module = (await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)) as {
        readonly gram: Gram;
      };
      const emitted = module.gram(few.data, few.n, undefined, undefined, loaded.layerWeights, few);
      const expected = await gramOf(kernel, { of: 'few' });
      found.push(compareGrams(kernel, expected, emitted, few.n, () => tolerances.standalone.bound));
    }
    return found;
  },
};

const targets: Law = {
  name: 'other targets',
  checks: 'another target computes what the reference does, up to rounding and the truncation it states',
  source: '@derived: one program, two targets',
  run: async ({ compile, gramOf, kernels, x, targets }) => {
    const found: Finding[] = [];
    for (const target of targets)
      for (const kernel of kernels) {
        const compiled = await compile(kernel);
        if (!runsOnReference(compiled.program, target))
          found.push(await againstReference(compiled, await gramOf(kernel), target, x));
      }
    return found;
  },
};

/** Whether the target leaves the program to the reference, so that there is nothing to compare. */
export const runsOnReference = (program: Program, target: string): boolean =>
  target === 'reference' || (target === 'wasm' && program.extents.length > 0 && planSpatial(program) === undefined);

async function againstReference(
  { program, layerWeights }: CompiledKernel,
  expected: Float64Array,
  target: string,
  x: Inputs,
): Promise<Finding> {
  const kernel = await loadTarget(program, target, layerWeights);
  try {
    const near = program.extents.length > 0 ? () => true : nearParallel(x);
    const truncation = kernel.truncationBound?.(await kernel.prepare(x)) ?? 0;
    const rounding = (i: number, j: number) =>
      tolerances[near(i, j) ? (`${kernel.dtype}NearParallel` as const) : kernel.dtype].bound;
    const allowed = (i: number, j: number) => rounding(i, j) + truncation;
    return compareGrams(`${program.kernel} on ${kernel.target}`, expected, await gram(kernel, x), x.n, allowed);
  } finally {
    kernel.dispose();
  }
}

function loadTarget(program: Program, target: string, layerWeights: readonly number[]): Promise<CompiledKernel> {
  const [name, tfjsBackend] = target.split(':');
  const weights = program.weights.length > 0 ? { layerWeights } : {};
  if (target === 'wasm') return load(program, { target, ...weights });
  if (name === 'tfjs') return load(program, { target: name, ...(tfjsBackend && { tfjsBackend }), ...weights });
  throw new NtkcError({ what: `unknown target ${target}`, expected: 'reference, wasm, tfjs, or tfjs:BACKEND' });
}

/** @throws NtkcError for a target that is unknown or cannot be had here: that is no fault of the derivation */
export async function checkTargets(targets: readonly string[], program: Program): Promise<void> {
  for (const target of targets.filter((t) => t !== 'reference')) (await loadTarget(program, target, [])).dispose();
}

/**
 * Whether two inputs are within 0.01 rad of equal or opposite, or one of them is zero. What positions read is taken to be
 * so always: windows of a constant patch are equal, within one input too.
 */
function nearParallel({ data, n }: Inputs): (i: number, j: number) => boolean {
  const d = data.length / n;
  const product = (i: number, j: number) => {
    let sum = 0;
    for (let c = 0; c < d; c++) sum += data[i * d + c]! * data[j * d + c]!;
    return sum;
  };
  return (i, j) => i !== j && product(i, j) ** 2 >= (1 - 1e-4) * product(i, i) * product(j, j);
}

export const targetLaws: readonly Law[] = [standalone, targets];
