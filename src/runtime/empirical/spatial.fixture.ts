/** Networks with positions for the tests of this folder: every primitive, with tables drawn at random. */
import fc from 'fast-check';
import { type LinearAxis, positionsOf, type ShiftAxis } from '../../ir/program/index.ts';
import { parseScalar } from '../../ir/scalar/index.ts';
import { sizeOf, type TensorNode, type TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { normals, streamOf } from './random.ts';

export const blockKinds = ['conv', 'local', 'map', 'attention', 'concat', 'gate', 'pointwise'] as const;
export type Block = (typeof blockKinds)[number];

export interface SpatialCase {
  readonly extents: readonly number[];
  readonly width: number;
  readonly blocks: readonly Block[];
  readonly standard: boolean;
  readonly seed: number;
}

export const spatialCases: fc.Arbitrary<SpatialCase> = fc.record({
  extents: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  width: fc.integer({ min: 1, max: 3 }),
  blocks: fc.array(fc.constantFrom(...blockKinds), { minLength: 1, maxLength: 3 }),
  standard: fc.boolean(),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

/** The blocks in turn, tanh after each; then flatten, and dense to two outputs. */
export function spatialNetwork({ extents, width, blocks, standard, seed }: SpatialCase): TensorProgram {
  const build = spatialBuilder({ extents, width, standard, seed });
  for (const block of blocks) {
    if (block === 'conv') build.conv(2);
    if (block === 'local') build.local(2);
    if (block === 'map') build.positionMap();
    if (block === 'attention') build.attention();
    if (block === 'concat') build.concat();
    if (block === 'gate') build.gate();
    if (block === 'pointwise') build.dense(2);
    build.tanh();
  }
  build.flatten();
  build.dense(2);
  return build.done();
}

interface Start {
  readonly extents: readonly number[];
  readonly width: number;
  readonly standard?: boolean;
  readonly seed?: number;
}

/** Each step reads the last node. */
export function spatialBuilder({ extents, width, standard = false, seed = 1 }: Start) {
  const nodes: TensorNode[] = [{ kind: 'input', extents, width }];
  const stream = streamOf(seed);
  let [layers, ops] = [0, 0];
  const below = (n: number) => (stream.next() >>> 0) % n;
  const put = (node: TensorNode) => nodes.push(node) - 1;
  const last = () => ({ input: nodes.length - 1, width: nodes.at(-1)!.width, extents: nodes.at(-1)!.extents });
  const layer = (outputs: number, perPosition = false, wStd = 1.2) => {
    const { input, width: fanIn, extents: at } = last();
    const root = Math.sqrt(fanIn);
    const weight = standard ? { weightScale: 1, weightStd: wStd / root } : { weightScale: wStd / root, weightStd: 1 };
    const bias = standard ? { scale: 1, std: 0.3 } : { scale: 0.3, std: 1 };
    const own = perPosition ? { perPosition: true as const } : {};
    const index = layers++;
    return put({
      kind: 'dense',
      input,
      extents: at,
      layer: index,
      op: ops,
      fanIn,
      width: outputs,
      ...weight,
      bias,
      ...own,
    });
  };
  const windows = (): readonly ShiftAxis[] =>
    last().extents.map((n) => [0, 1].map(() => Array.from({ length: 2 }, () => below(n + 1) - 1)));
  const pick = (from: number) =>
    put({ ...last(), input: from, ...shapeOf(from), kind: 'elementwise', phi: parseScalar('x') });
  const shapeOf = (at: number) => ({ width: nodes[at]!.width, extents: nodes[at]!.extents });
  const build = {
    last,
    dense: (outputs: number) => {
      layer(outputs);
      ops += 1;
    },
    conv: (outputs: number, axes = windows()) => {
      build.patches(axes);
      build.dense(outputs);
    },
    local: (outputs: number) => {
      build.patches(windows());
      layer(outputs, true);
      ops += 1;
    },
    patches: (axes: readonly ShiftAxis[]) => {
      const offsets = positionsOf(axes.map((tables) => tables.length));
      put({
        kind: 'patches',
        input: last().input,
        axes,
        extents: axes.map(([table]) => table!.length),
        width: offsets * last().width,
      });
    },
    positionMap: () => {
      const axes = last().extents.map(
        (n): LinearAxis =>
          Array.from({ length: 1 + below(2) }, (_, P) => {
            const from = below(n);
            return { from, weights: [...normals(1 + below(n - from), 0.8, [seed, nodes.length, n, P])] };
          }),
      );
      put({ kind: 'positionMap', ...last(), axes, extents: axes.map((rows) => rows.length) });
    },
    /** scores = q kᵀ/2; (1 + sin(scores − mean scores)) times v, plus what it read. One op of three layers. */
    attention: () => {
      const { input } = last();
      const q = layer(2);
      pick(input);
      const k = layer(2);
      pick(input);
      const v = layer(nodes[input]!.width);
      ops += 1;
      const positions = positionsOf(nodes[q]!.extents);
      const scores = put({
        kind: 'matrixProduct',
        inputs: [q, k],
        scale: 0.5,
        transposed: true,
        extents: nodes[q]!.extents,
        width: positions,
      });
      put({ kind: 'mean', ...last() });
      const negative = put({ kind: 'elementwise', ...last(), phi: parseScalar('-x') });
      put({ kind: 'add', inputs: [scores, negative], ...shapeOf(scores) });
      const weights = put({ kind: 'elementwise', ...last(), phi: parseScalar('1 + sin(x)') });
      const product = put({
        kind: 'matrixProduct',
        inputs: [weights, v],
        scale: 0.7,
        transposed: false,
        ...shapeOf(v),
      });
      put({ kind: 'add', inputs: [product, input], ...shapeOf(input) });
    },
    /** Its input beside a map of it, along the first spatial axis. */
    concat: () => {
      const { input, extents: at, width: c } = last();
      const axes = at.map((n, a): LinearAxis => (a === 0 ? [{ from: 0, weights: Array(n).fill(0.6) }] : identity(n)));
      const other = put({ kind: 'positionMap', input, axes, width: c, extents: [1, ...at.slice(1)] });
      put({ kind: 'concat', inputs: [other, input], blocks: 1, width: c, extents: [at[0]! + 1, ...at.slice(1)] });
      const reversed = put({
        kind: 'concat',
        inputs: [nodes.length - 1, nodes.length - 1],
        blocks: positionsOf(last().extents),
        width: 2 * c,
        extents: last().extents,
      });
      return reversed;
    },
    gate: () => {
      const { input } = last();
      const mean = put({ kind: 'mean', ...last() });
      put({ kind: 'multiply', inputs: [input, mean, input], ...shapeOf(input) });
    },
    tanh: () => put({ kind: 'elementwise', ...last(), phi: parseScalar('tanh(x)') }),
    flatten: () => put({ kind: 'flatten', input: last().input, extents: [], width: sizeOf(nodes.at(-1)!) }),
    done: (): TensorProgram => ({ nodes, layers, ops }),
  };
  return build;
}

const identity = (n: number): LinearAxis => Array.from({ length: n }, (_, p) => ({ from: p, weights: [1] }));
