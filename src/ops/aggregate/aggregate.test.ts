import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import type { LayerInput } from '../../ir/arch/index.ts';
import { evaluateProgram, type Sample } from '../../ir/program/index.ts';
import { network } from '../vocabulary.ts';

const [nodes, features] = [4, 2];
const aggregate: LayerInput = { op: 'aggregate' };
const dense: LayerInput = { op: 'dense', wStd: 1.3, bStd: 0.2 };
const pooled: readonly LayerInput[] = [{ op: 'globalSumPool' }, { op: 'dense' }];
const graphNetwork = [dense, aggregate, { op: 'erf' }, dense, aggregate, { op: 'relu' }, ...pooled];

type KernelAt = (x: Sample, y: Sample) => number;
function kernelOf(layers: readonly LayerInput[], size = nodes, masked?: true): KernelAt {
  const input = { shape: [size, features], ...(masked && { masked }) };
  const { program } = derive(network({ input, layers }), 'ntk');
  return (x, y) => evaluateProgram(program, x, y).get('ntk') as number;
}

const numbers = (length: number) =>
  fc.array(fc.oneof(fc.constant(0), fc.double({ min: -2, max: 2, noNaN: true })), {
    minLength: length,
    maxLength: length,
  });
const graphOf = (size: number) => fc.record({ x: numbers(size * features), pattern: numbers(size * size) });
const graph = graphOf(nodes);

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const graphFrom = (seed: number): Sample => ({
  x: range(nodes * features).map((i) => Math.sin(seed + i * i)),
  pattern: range(nodes ** 2).map((i) => Math.max(0, Math.cos(seed * i))),
});
const fixed = [graphFrom(1), graphFrom(2)] as const;

/** Rounding alone: sums of a few hundred terms. */
function expectClose(a: number, b: number): void {
  expect(Math.abs(a - b)).toBeLessThan(1e-11 * (1 + Math.abs(b)));
}

/** Node i of the result is node order[i]. */
const reordered = ({ x, pattern = [] }: Sample, order: readonly number[]): Sample => ({
  x: order.flatMap((p) => x.slice(p * features, (p + 1) * features)),
  pattern: order.flatMap((p) => order.map((r) => pattern[p * order.length + r] as number)),
});

describe('aggregate', () => {
  it('on the input is a sum over neighbours, by the rows of the pattern', () => {
    const rest = [dense, { op: 'erf' }, dense, ...pooled];
    const [aggregated, plain] = [kernelOf([aggregate, ...rest]), kernelOf(rest)];
    const sums = ({ x, pattern = [] }: Sample): Sample => ({
      x: range(nodes * features).map((i) => {
        const [node, c] = [Math.floor(i / features), i % features];
        return range(nodes).reduce(
          (s, p) => s + (pattern[node * nodes + p] as number) * (x[p * features + c] as number),
          0,
        );
      }),
    });
    fc.assert(
      fc.property(graph, graph, (a, b) => expectClose(aggregated(a, b), plain(sums(a), sums(b)))),
      { numRuns: 20 },
    );
  });

  it('with the identity for a pattern changes nothing', () => {
    const [aggregated, plain] = [kernelOf(graphNetwork), kernelOf(graphNetwork.filter((l) => l !== aggregate))];
    const identity = range(nodes ** 2).map((i) => (i % (nodes + 1) === 0 ? 1 : 0));
    const withIdentity = ({ x }: Sample): Sample => ({ x, pattern: identity });
    fc.assert(
      fc.property(graph, graph, (a, b) => expectClose(aggregated(withIdentity(a), withIdentity(b)), plain(a, b))),
      { numRuns: 20 },
    );
  });

  it('and pooling do not see the order of the nodes', () => {
    const kernel = kernelOf(graphNetwork);
    const order = fc.shuffledSubarray(range(nodes), { minLength: nodes });
    fc.assert(
      fc.property(graph, graph, order, (a, b, o) => expectClose(kernel(a, reordered(b, o)), kernel(a, b))),
      { numRuns: 20 },
    );
    // Nodes moved without their edges are another graph.
    const [a] = fixed;
    const moved = reordered(a, [1, 0, 2, 3]);
    expect(Math.abs(kernel(a, { ...moved, pattern: [...(a.pattern ?? [])] }) - kernel(a, a))).toBeGreaterThan(1e-3);
  });

  it('takes graphs of different sizes in one masked network', () => {
    const layers = [...graphNetwork.slice(0, -2), { op: 'globalAvgPool' }, { op: 'dense' }];
    const [masked, small] = [kernelOf(layers, nodes + 2, true), kernelOf(layers)];
    const padded = ({ x, pattern = [] }: Sample): Sample => ({
      x: [...x, ...new Array<number>(2 * features).fill(0)],
      // What the pattern says of nodes that are not there does not matter.
      pattern: range(nodes + 2).flatMap((p) =>
        range(nodes + 2).map((r) => (p < nodes && r < nodes ? (pattern[p * nodes + r] as number) : 3)),
      ),
      present: range(nodes + 2).map((p) => (p < nodes ? 1 : 0)),
    });
    fc.assert(
      fc.property(graph, graph, (a, b) => expectClose(masked(padded(a), padded(b)), small(a, b))),
      { numRuns: 20 },
    );
    const large = kernelOf(layers, nodes + 2);
    fc.assert(
      fc.property(graphOf(nodes + 2), (a) => {
        const all = { ...a, present: range(nodes + 2).map(() => 1) };
        expectClose(masked(all, all), large(a, a));
      }),
      { numRuns: 5 },
    );
  });

  it('works over all spatial axes of an image', () => {
    const shape = [2, 2, features];
    const { program } = derive(network({ input: { shape }, layers: graphNetwork }), 'ntk');
    const [a, b] = fixed;
    expectClose(evaluateProgram(program, a, b).get('ntk') as number, kernelOf(graphNetwork)(a, b));
  });

  it('refuses vectors, and other positions than those of the pattern, by name', () => {
    const refusal = (shape: readonly number[], layers: readonly LayerInput[]) => {
      try {
        derive(network({ input: { shape }, layers }), 'nngp');
      } catch (error) {
        return (error as Error).message;
      }
      return 'accepted';
    };
    expect(refusal([3], [dense, aggregate, dense])).toMatch(/vector, of shape \[.*layers\[1\].*\[nodes, features\]/);
    expect(refusal([6, 2], [{ op: 'avgPool', window: [2] }, aggregate, ...pooled])).toMatch(
      /3 positions.*6 of the network's input.*layers\[1\]/,
    );
  });
});
