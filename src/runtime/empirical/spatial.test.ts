/** Networks with positions: every primitive forward, backward, in the kernels and in jets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { matrixRows, positionsOf, shifts } from '../../ir/program/index.ts';
import {
  type DenseNode,
  type PatchesNode,
  type PositionMapNode,
  sizeOf,
  type TensorProgram,
} from '../../ir/tensor/tensorProgram.ts';
import { backward } from './backward.ts';
import { forward } from './forward.ts';
import { moved, slopeAt } from './hierarchy/hierarchy.fixture.ts';
import { hierarchyAt } from './hierarchy/index.ts';
import { empiricalNngp, empiricalNtk } from './kernels.ts';
import { byGradients, byPairs, ntkCosts } from './layerNtk.ts';
import { addTransposed, applied } from './linear.ts';
import { initialise, type Parameters, parametersFromJson, parametersToJson } from './parameters.ts';
import { normals } from './random.ts';
import { blockKinds, type SpatialCase, spatialBuilder, spatialCases, spatialNetwork } from './spatial.fixture.ts';

const N = 2;
const inputsOf = (program: TensorProgram, n = N) => normals(n * sizeOf(program.nodes[0]!), 1, 77);

/** J[layer][parameter][(n o)], by fourth-order central differences over every parameter. */
function jacobians(program: TensorProgram, parameters: Parameters, x: Float64Array) {
  const output = (layer: number, key: 'W' | 'b', index: number, shift: number) => {
    const values = parameters[layer]![key]!.slice();
    values[index] = values[index]! + shift;
    const changed = parameters.map((entry, l) => (l === layer ? { ...entry, [key]: values } : entry));
    return forward(program, changed, x, N).at(-1)!;
  };
  return parameters.map((entry, layer) =>
    (['W', 'b'] as const).flatMap((key) =>
      Array.from(entry[key] ?? [], (_, index) => {
        const [up, down, farUp, farDown] = [1e-3, -1e-3, 2e-3, -2e-3].map((shift) => output(layer, key, index, shift));
        return up!.map((value, k) => (8 * (value - down![k]!) - (farUp![k]! - farDown![k]!)) / 0.012);
      }),
    ),
  );
}

/** Smooth networks: step⁴/30 times a fifth derivative, up to some thousands, and rounding 1e-16/step a Jacobian entry. */
const RELATIVE = 1e-7;
const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 1e-3);
const expectClose = (
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  relative = RELATIVE,
  size = largest(wanted),
) => {
  expect(got.length).toBe(wanted.length);
  Array.from(wanted).forEach((value, k) => {
    expect(Math.abs(got[k]! - value)).toBeLessThanOrEqual(relative * size);
  });
};

describe('kernels of random networks', () => {
  it('the NTK and its parts are J Jᵀ, an op with several layers being one part', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(spatialCases, (spec) => {
        const program = spatialNetwork(spec);
        for (const block of spec.blocks) kinds.add(block);
        const parameters = initialise(program, 5);
        const x = inputsOf(program);
        const rows = jacobians(program, parameters, x);
        const { ntk, layers } = empiricalNtk(program, parameters, x, N);
        const dense = program.nodes.filter((node): node is DenseNode => node.kind === 'dense');
        expect(layers).toHaveLength(program.ops);
        const sum = new Float64Array(N * N);
        layers.forEach((part, op) => {
          const own = dense.filter((node) => node.op === op).flatMap((node) => rows[node.layer]!);
          const wanted = Float64Array.from({ length: N * N }, (_, k) =>
            own.reduce(
              (s, row) =>
                s + [0, 1].reduce((t, o) => t + row[Math.floor(k / N) * 2 + o]! * row[(k % N) * 2 + o]!, 0) / 2,
              0,
            ),
          );
          expectClose(part, wanted, RELATIVE, largest(ntk));
          wanted.forEach((value, k) => {
            sum[k] = sum[k]! + value;
          });
        });
        expectClose(ntk, sum);
        expect(ntk[1]).toBe(ntk[2]);
      }),
      { numRuns: 60 },
    );
    expect(kinds.size).toBe(blockKinds.length);
  });

  it('signals of the input are derivatives of the output', () => {
    fc.assert(
      fc.property(spatialCases, (spec) => {
        const program = spatialNetwork(spec);
        const parameters = initialise(program, 6);
        const x = inputsOf(program, 1);
        const signal = backward(program, parameters, forward(program, parameters, x, 1), 1)[0]!;
        const slopes = x.map((_, k) =>
          slopeAt(
            (t) =>
              forward(
                program,
                parameters,
                x.map((v, j) => (j === k ? v + t : v)),
                1,
              ).at(-1)![1]!,
            1e-3,
          ),
        );
        expectClose(signal, slopes);
      }),
      { numRuns: 40 },
    );
  });

  it('K3 is the change of the NTK along a gradient, and K4 that of K3', () => {
    fc.assert(
      fc.property(spatialCases, (spec) => {
        const program = spatialNetwork(spec);
        const parameters = initialise(program, 7);
        const x = inputsOf(program);
        const sample = (i: number) => x.subarray((i * x.length) / N, ((i + 1) * x.length) / N);
        const ntk = (theta: Parameters) =>
          empiricalNtk(program, theta, x, N, undefined, undefined, { outputs: [0] }).ntk[1]!;
        const at = (theta: Parameters, ...tuple: readonly number[]) => hierarchyAt(program, theta, x, N, [tuple])[0]!;
        expectClose([at(parameters, 0, 1)], [ntk(parameters)], 1e-11);
        const slope = (f: (theta: Parameters) => number, i: number) =>
          slopeAt((t) => f(moved(program, parameters, sample(i), t)), 3e-4);
        // Higher derivatives along a gradient grow by its size, up to 30 here.
        expectClose([at(parameters, 0, 1, 1)], [slope(ntk, 1)], 1e-5);
        expectClose([at(parameters, 0, 1, 1, 0)], [slope((theta) => at(theta, 0, 1, 1), 0)], 1e-5);
      }),
      { numRuns: 40 },
    );
  });
});

describe('primitives against their definitions', () => {
  const spec: SpatialCase = { extents: [3, 2], width: 2, blocks: ['conv', 'map'], standard: false, seed: 3 };
  const program = spatialNetwork(spec);
  const parameters = initialise(program, 1);
  const values = forward(program, parameters, inputsOf(program), N);
  const node = <T>(kind: string) => program.nodes.findIndex((n) => n.kind === kind) as number & T;
  const read = (index: number) => {
    const from = (program.nodes[index] as PatchesNode).input;
    return { from: program.nodes[from]!, h: values[from]! };
  };

  it('patches copy what the tables say, offsets row-major and then channels, and zero in the padding', () => {
    const at = node('patches');
    const patches = program.nodes[at] as PatchesNode;
    const { from, h } = read(at);
    const tables = shifts(patches.axes, patches.extents, from.extents);
    const wanted = Array.from({ length: N }, (_, n) =>
      Array.from({ length: positionsOf(patches.extents) }, (_, P) =>
        tables.map((table) =>
          Array.from({ length: from.width }, (_, c) =>
            table[P]! < 0 ? 0 : h[(n * positionsOf(from.extents) + table[P]!) * from.width + c]!,
          ),
        ),
      ),
    ).flat(3);
    expect([...values[at]!]).toEqual(wanted);
    expect(wanted).toContain(0);
  });

  it('position maps are the product of their axes', () => {
    const at = node('positionMap');
    const map = program.nodes[at] as PositionMapNode;
    const { from, h } = read(at);
    const positions = positionsOf(from.extents);
    const wanted = Array.from({ length: N }, (_, n) =>
      matrixRows(map.axes, map.extents, from.extents).map((row) =>
        Array.from({ length: map.width }, (_, c) =>
          row.reduce((sum, [p, w]) => sum + w * h[(n * positions + p) * map.width + c]!, 0),
        ),
      ),
    ).flat(2);
    // Rounding of sums of at most six terms.
    expectClose(values[at]!, wanted, 1e-14);
  });

  it('each linear map has its transpose: ⟨A h, s⟩ = ⟨h, Aᵀ s⟩', () => {
    for (const kind of ['patches', 'positionMap', 'flatten'] as const) {
      const at = node(kind);
      const map = program.nodes[at] as PatchesNode | PositionMapNode;
      const { from } = read(at);
      const h = normals(3 * sizeOf(from), 1, 1);
      const s = normals(3 * sizeOf(map), 1, 2);
      const back = new Float64Array(h.length);
      addTransposed(map, from, back, s, 3);
      const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, k) => sum + v * b[k]!, 0);
      expect(dot(applied(map, from, h, 3), s)).toBeCloseTo(dot(h, back), 12);
    }
  });

  it('a layer with weights of its own at every position is a dense layer at each', () => {
    const build = spatialBuilder({ extents: [3], width: 2, seed: 2 });
    build.patches([[[0, 1, 2]]]);
    build.local(4);
    const local = build.done();
    const theta = initialise(local, 4);
    const at = local.nodes.findIndex((n) => n.kind === 'dense');
    const dense = local.nodes[at] as DenseNode;
    const activations = forward(local, theta, inputsOf(local), N);
    const [h, z] = [activations[dense.input]!, activations[at]!];
    const positions = positionsOf(dense.extents);
    expect(theta[0]!.W.length).toBe(positions * dense.width * dense.fanIn);
    for (let r = 0; r < N * positions; r++)
      for (let o = 0; o < dense.width; o++) {
        const row = (r % positions) * dense.width + o;
        let sum = 0;
        for (let i = 0; i < dense.fanIn; i++) sum += theta[0]!.W[row * dense.fanIn + i]! * h[r * dense.fanIn + i]!;
        const wanted = dense.weightScale * sum + dense.bias!.scale * theta[0]!.b![row]!;
        expect(z[r * dense.width + o]).toBeCloseTo(wanted, 13);
      }
    const json: unknown = JSON.parse(JSON.stringify(parametersToJson(theta, local)));
    expect(parametersFromJson(json, local)).toEqual(theta);
  });
});

describe('the two orders of a layer with shared weights', () => {
  const node: DenseNode = {
    ...{ kind: 'dense', input: 0, extents: [6], layer: 0, op: 0, fanIn: 4, width: 3 },
    ...{ weightScale: 0.7, weightStd: 1, bias: { scale: 0.4, std: 1 } },
  };
  const layer = (n1: number, n2: number, offset: number) => {
    const n = Math.max(n1, n2 + offset);
    const sides = { n, n1, n2, offset };
    return { node, positions: 6, inputs: normals(n * 24, 1, 1), signals: normals(2 * n * 18, 1, 2), sides, copies: 2 };
  };

  it('agree, square and rectangular', () => {
    // Sums of 36 · 12 products of order 1, in other orders.
    expectClose(byPairs(layer(5, 5, 0)), byGradients(layer(5, 5, 0)), 1e-13);
    expectClose(byPairs(layer(2, 3, 2)), byGradients(layer(2, 3, 2)), 1e-13);
  });

  it('are chosen by their cost', () => {
    const cheaper = (width: number, positions: number) => {
      const { pairs, gradients } = ntkCosts(
        { ...node, width, fanIn: width },
        positions,
        { n: 5, n1: 5, n2: 5, offset: 0 },
        2,
      );
      return pairs < gradients ? 'pairs' : 'gradients';
    };
    expect([cheaper(256, 4), cheaper(16, 64)]).toEqual(['pairs', 'gradients']);
  });
});

describe('outputs with positions', () => {
  const build = spatialBuilder({ extents: [2, 2], width: 1 });
  build.conv(2);
  const program = build.done();
  const parameters = initialise(program, 1);
  const x = inputsOf(program);
  it.each([
    ['NNGP', () => empiricalNngp(program, parameters, x, N)],
    ['NTK', () => empiricalNtk(program, parameters, x, N)],
    ['K3', () => hierarchyAt(program, parameters, x, N, [[0, 0, 0]])],
  ])('are refused: %s', (_, run) => {
    expect(run).toThrow(NtkcError);
    expect(run).toThrow(/ends with 4 positions.*flatten/);
  });
});
