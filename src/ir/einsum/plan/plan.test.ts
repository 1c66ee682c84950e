import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateTensor, type Tensor } from '../index.ts';
import { bodyNames, evaluatePlan, planContraction, type TensorNetwork, type TensorSpace } from './index.ts';
import { sliced } from './slice.ts';

/** Tensors named by their axes and a number: 'nm3' is [n m]. */
const space: TensorSpace = { axes: (tensor) => [...tensor.replace(/\d/, '')], sizes: { n: 3, m: 2, d: 4 } };

function tensorOf(name: string): Tensor {
  const shape = space.axes(name).map((axis) => space.sizes[axis]!);
  const seed = [...name].reduce((h, letter) => (h * 31 + letter.codePointAt(0)!) % 1009, 7);
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1)).map((_, k) => Math.sin(1 + k * 1.7 + seed));
  return { shape, data };
}

/** Dummies 0, 1 run over n, 2, 3 over m, 4 over d; −1, −2 over n are the output. */
const pools: Readonly<Record<string, readonly number[]>> = { n: [-1, -2, 0, 1], m: [2, 3], d: [4] };
const use = fc
  .tuple(
    fc.constantFrom('nm1', 'nm2', 'mm1', 'nd1', 'n1', 'm1', 'nn1', 'nmd1'),
    fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
  )
  .map(([tensor, picks]) => ({
    tensor,
    indices: space.axes(tensor).map((axis, k) => pools[axis]![picks[k]! % pools[axis]!.length]!),
  }));
const network: fc.Arbitrary<TensorNetwork> = fc
  .tuple(fc.integer({ min: -2, max: 3 }), fc.array(use, { minLength: 1, maxLength: 6 }))
  .map(([coefficient, uses]) => {
    const has = (label: number) => uses.some(({ indices }) => indices.includes(label));
    const missing = [-1, -2].filter((label) => !has(label)).map((label) => ({ tensor: 'nm1', indices: [label, 2] }));
    return { coefficient, uses: [...uses, ...missing] };
  });

function byLoops(networks: readonly TensorNetwork[]): Float64Array {
  const out = new Float64Array(9);
  for (const { coefficient, uses } of networks) {
    const { data } = evaluateTensor(
      uses.map(({ tensor, indices }) => ({ indices, tensor: tensorOf(tensor) })),
      [-1, -2],
    );
    data.forEach((value, k) => {
      out[k] = out[k]! + coefficient * value;
    });
  }
  return out;
}

const options = { space, output: [-1, -2], outputAxes: ['n', 'n'] };

function expectSame(networks: readonly TensorNetwork[], cutAboveBytes?: number): number {
  const whole = planContraction(networks, options);
  const plan = cutAboveBytes === undefined ? whole : { ...whole, steps: sliced(whole.steps, space, cutAboveBytes) };
  const got = evaluatePlan(plan, tensorOf);
  const expected = byLoops(networks);
  // At most some 1e4 products of sines, all below 1, in a term: rounding stays below this.
  expected.forEach((value, k) => {
    expect(Math.abs(got.data[k]! - value)).toBeLessThan(1e-10);
  });
  return plan.steps.filter(({ kind }) => kind === 'sliced').length;
}

describe('a plan', () => {
  it('has the value of the sum of networks by loops', () => {
    fc.assert(
      fc.property(fc.array(network, { minLength: 1, maxLength: 6 }), (networks) => {
        expectSame(networks);
      }),
      { numRuns: 300 },
    );
  });

  it('has it where terms cancel', () => {
    const term: TensorNetwork = { coefficient: 2, uses: [{ tensor: 'nn1', indices: [-1, -2] }] };
    expectSame([term, { ...term, coefficient: -2 }]);
    expectSame([term, { ...term, uses: [{ tensor: 'nn2', indices: [-1, -2] }] }, { ...term, coefficient: -2 }]);
  });

  it('has it for sums that are symmetric in the output', () => {
    const swapped = ({ coefficient, uses }: TensorNetwork): TensorNetwork => ({
      coefficient,
      uses: uses.map(({ tensor, indices }) => ({ tensor, indices: indices.map((i) => (i < 0 ? -3 - i : i)) })),
    });
    fc.assert(
      fc.property(fc.array(network, { minLength: 1, maxLength: 4 }), (networks) => {
        expectSame([...networks, ...networks.map(swapped)]);
      }),
      { numRuns: 200 },
    );
  });

  it('has it where large tensors are made in blocks', () => {
    let blocks = 0;
    fc.assert(
      fc.property(
        fc.array(network, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(50, 80, 100),
        (networks, bytes) => {
          blocks += expectSame(networks, bytes);
        },
      ),
      { numRuns: 300 },
    );
    expect(blocks).toBeGreaterThan(50);
  });

  it('sums terms before they meet the factor they share, and contracts before it multiplies out', () => {
    const big: TensorSpace = { ...space, sizes: { n: 100, m: 1000, d: 10 } };
    const term = (tensor: string): TensorNetwork => ({
      coefficient: 2,
      uses: [
        { tensor, indices: [-1, 2] },
        { tensor: 'nm9', indices: [-2, 2] },
      ],
    });
    const plan = planContraction([term('nm1'), term('nm2'), term('nm3')], { ...options, space: big });
    expect(plan.steps.filter(({ kind }) => kind === 'product')).toHaveLength(1);
    // [n m] three times into one, n²m multiply-adds, n² scaled.
    expect(plan.flops).toBe(6 * 100_000 + 2 * 10_000_000 + 2 * 10_000);
  });

  it('holds less than the limit where it can, by blocks', () => {
    const big: TensorSpace = { ...space, sizes: { n: 100, m: 1000, d: 10 } };
    // Σ_c,k,i of a tensor [n m d] that is made from [n n], [n m] and [n d].
    const cube: TensorNetwork = {
      coefficient: 1,
      uses: [
        { tensor: 'nn1', indices: [0, 1] },
        { tensor: 'nm1', indices: [0, 2] },
        { tensor: 'nd1', indices: [0, 4] },
        { tensor: 'nm2', indices: [1, 2] },
        { tensor: 'nd1', indices: [1, 5] },
        { tensor: 'nd1', indices: [-1, 4] },
        { tensor: 'nd1', indices: [-1, 5] },
        { tensor: 'nm1', indices: [-1, 2] },
        { tensor: 'nm2', indices: [-2, 2] },
      ],
    };
    const limitBytes = 4e6;
    const [whole, blocks] = [{}, { limitBytes }].map((limit) =>
      planContraction([cube], { ...options, ...limit, space: big }),
    );
    expect(whole!.peakBytes).toBeGreaterThan(1e7);
    expect(blocks!.peakBytes).toBeLessThan(limitBytes);
    expect(blocks!.flops).toBeLessThan(1.1 * whole!.flops);
  });

  it('names as many steps of a body as there are, by identifiers', () => {
    const body = Array.from({ length: 40 }, () => ({ kind: 'tensor', tensor: '', axes: [] }) as const);
    const names = bodyNames(body, ['x'], 't7');
    expect(names.slice(0, 3)).toEqual(['x', 't7s1', 't7s2']);
    expect(new Set(names).size).toBe(40);
    expect(names.every((name) => /^[A-Za-z]\w*$/.test(name))).toBe(true);
  });

  it('makes half of a symmetric sum', () => {
    const big: TensorSpace = { ...space, sizes: { n: 100, m: 1000, d: 10 } };
    const product = (a: number, b: number): TensorNetwork => ({
      coefficient: 1,
      uses: [
        { tensor: 'nm1', indices: [a, 2] },
        { tensor: 'nm2', indices: [b, 2] },
      ],
    });
    const plan = planContraction([product(-1, -2), product(-2, -1)], { ...options, space: big });
    expect(plan.steps.filter(({ kind }) => kind === 'product')).toHaveLength(1);
  });
});
