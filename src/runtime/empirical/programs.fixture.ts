/** Tensor programs for the tests of this folder: fully connected networks, plain, residual and with other joins. */
import type { Expr } from '../../ir/scalar/expr.ts';
import { parseScalar } from '../../ir/scalar/index.ts';
import type { TensorNode, TensorProgram } from '../../ir/tensor/tensorProgram.ts';

export interface MlpOptions {
  /** Input width, hidden widths, output width. */
  readonly widths: readonly number[];
  /** A formula in x between the layers. */
  readonly phi: string;
  readonly wStd?: number;
  readonly bStd?: number;
  /** Standard parameterisation: W ~ N(0, wStd² / fanIn), b ~ N(0, bStd²), no scales. Default: NTK. */
  readonly standard?: boolean;
}

/** dense, phi, dense, phi, ..., dense. */
export function mlp({ widths, phi, wStd = 1, bStd = 0, standard = false }: MlpOptions): TensorProgram {
  const build = programBuilder(widths[0]!, wStd, bStd, standard);
  widths.slice(1).forEach((width, layer) => {
    if (layer > 0) build.elementwise(parseScalar(phi));
    build.dense(width);
  });
  return build.done();
}

/** h = dense(x); h + dense(phi(h)) + h (three ways into one add); phi; dense to two outputs. */
export function residual(inputWidth: number, width: number, phi: string, standard = false): TensorProgram {
  const build = programBuilder(inputWidth, 1.2, 0.3, standard);
  const trunk = build.dense(width);
  build.elementwise(parseScalar(phi));
  const branch = build.dense(width);
  build.add([trunk, branch, trunk]);
  build.elementwise(parseScalar(phi));
  build.dense(2);
  return build.done();
}

/** h = dense(x); p = h · dense(phi(h)) · h; [p, mean p, h] side by side; phi; dense to two outputs. */
export function joined(inputWidth: number, width: number, phi: string): TensorProgram {
  const build = programBuilder(inputWidth, 0.6, 0.3, false);
  const trunk = build.dense(width);
  build.elementwise(parseScalar(phi));
  const product = build.multiply([trunk, build.dense(width), trunk]);
  build.concat([product, build.mean(), trunk]);
  build.elementwise(parseScalar(phi));
  build.dense(2);
  return build.done();
}

/** dense(x), masked; dense to `width` outputs. */
export function masked(inputWidth: number, width: number, keep: number): TensorProgram {
  const build = programBuilder(inputWidth, 1.2, 0.3, false);
  const hidden = build.dense(width);
  build.multiply([hidden, build.mask(keep)]);
  build.dense(width);
  return build.done();
}

function programBuilder(inputWidth: number, wStd: number, bStd: number, standard: boolean) {
  const nodes: TensorNode[] = [{ kind: 'input', width: inputWidth, extents: [] }];
  let layers = 0;
  const put = (node: TensorNode) => nodes.push(node) - 1;
  const last = () => ({ input: nodes.length - 1, width: nodes.at(-1)!.width, extents: [] });
  const dense = (width: number) => {
    const { input, width: fanIn, extents } = last();
    const layer = layers++;
    const root = Math.sqrt(fanIn);
    const weight = standard ? { weightScale: 1, weightStd: wStd / root } : { weightScale: wStd / root, weightStd: 1 };
    const bias = bStd === 0 ? {} : { bias: standard ? { scale: 1, std: bStd } : { scale: bStd, std: 1 } };
    return put({ kind: 'dense', input, extents, layer, op: layer, fanIn, width, ...weight, ...bias });
  };
  return {
    dense,
    elementwise: (phi: Expr) => put({ kind: 'elementwise', ...last(), phi }),
    add: (inputs: readonly number[]) => put({ kind: 'add', inputs, width: last().width, extents: [] }),
    multiply: (inputs: readonly number[]) => put({ kind: 'multiply', inputs, width: last().width, extents: [] }),
    concat: (inputs: readonly number[]) =>
      put({
        kind: 'concat',
        blocks: 1,
        extents: [],
        inputs,
        width: inputs.reduce((sum, i) => sum + nodes[i]!.width, 0),
      }),
    mean: () => put({ kind: 'mean', ...last() }),
    mask: (keep: number) => put({ kind: 'mask', width: last().width, extents: [], keep }),
    done: (): TensorProgram => ({ nodes, layers, ops: layers }),
  };
}
