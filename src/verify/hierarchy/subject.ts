/** A small finite network at random parameters, away from the kinks of its activations, and a few inputs. */
import { finiteNetwork } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import type { Network } from '../../ir/arch/index.ts';
import { sampleSize, type TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import type { Op } from '../../ops/op.ts';
import { empiricalNtk, forward, initialise, type Parameters } from '../../runtime/empirical/index.ts';
import type { Rows } from '../inputs.ts';
import { withWidths } from '../widths.ts';
import { changeRate, gradientAt } from './gradients.ts';
import { type KinkedNode, kinkedNodes, marginOf } from './kinks.ts';

export interface Subject {
  /** With the widths of the parameters. */
  readonly network: Network;
  readonly program: TensorProgram;
  readonly parameters: Parameters;
  /** Samples, each [features]; x is the same as [n features]. */
  readonly rows: readonly Float64Array[];
  readonly x: Float64Array;
  readonly n: number;
  readonly kinked: readonly KinkedNode[];
  /** e.g. "width 8, pointwise". */
  readonly description: string;
}

/** Of the finite networks: narrow, since K_r of any width is the same polynomial in its layers' tensors. */
const width = 8;
/** Independent initialisations from which the best is taken: finite, no gradient zero, far from kinks. */
const draws = 24;
const mostSamples = 3;

/** @throws NtkcError for a network without a finite form, or whose values overflow */
export function subjectOf(
  network: Network,
  inputs: Rows,
  { vocabulary, seed }: { readonly vocabulary: ReadonlyMap<string, Op>; readonly seed: number },
): Subject {
  const sized = smallNetwork(network, vocabulary);
  const size = sampleSize(sized.program);
  const rows = inputs.slice(0, mostSamples).map((row) => Float64Array.from(row.slice(0, size)));
  const x = Float64Array.from(rows.flatMap((row) => [...row]));
  const kinked = kinkedNodes(sized.program);
  const candidates = Array.from({ length: draws }, (_, draw) => initialise(sized.program, [seed, -3, draw]));
  const scores = candidates.map((parameters) => scoreOf(sized.program, kinked, parameters, x, rows.length));
  const parameters = candidates[scores.indexOf(Math.max(...scores))]!;
  // Where no draw is finite, this says so.
  empiricalNtk(sized.program, parameters, x, rows.length, undefined, undefined, { outputs: [0] });
  return { ...sized, parameters, rows, x, n: rows.length, kinked, description: describe(sized.width, kinked) };
}

const describe = (hidden: number, kinked: readonly KinkedNode[]) =>
  `width ${hidden}${kinked.length === 0 ? '' : ', pointwise'}`;

/** Every inner layer narrow; where branches carry the input itself the input is cut too; else the widths declared. */
function smallNetwork(network: Network, vocabulary: ReadonlyMap<string, Op>) {
  const build = (net: Network, hidden: number) => ({
    network: net,
    width: hidden,
    program: finiteNetwork(net, { width: hidden, outputs: 1, vocabulary }),
  });
  const { shape } = network.input;
  const channels = Math.min(width, shape.at(-1)!);
  const attempts = [
    () => build(withWidths(network, width, vocabulary), width),
    () =>
      build(
        withWidths({ ...network, input: { shape: [...shape.slice(0, -1), channels] } }, channels, vocabulary),
        channels,
      ),
  ];
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof NtkcError)) throw error;
    }
  }
  // Layers that declare no width get the first one's, as the explicit level reads parameters.
  const first = build(network, width).program.nodes.find(({ kind }) => kind === 'dense');
  return build(network, first?.width ?? width);
}

/**
 * A hundredth of what K_order is in size unless something cancels: each derivative along a gradient changes K2 by as much
 * as that gradient is of the weights of some layer.
 */
export function naturalScale({ program, parameters, x, n, rows }: Subject, order: number): number {
  const { ntk } = empiricalNtk(program, parameters, x, n, undefined, undefined, { outputs: [0] });
  const rates = rows.map((row) => changeRate(parameters, gradientAt(program, parameters, row)));
  return 0.01 * Math.max(...ntk.map(Math.abs)) * Math.max(...rates) ** (order - 2) || 1;
}

/** How well parameters serve, by the distance from kinks; −1 where a gradient vanishes, as when all units are off. */
function scoreOf(
  program: TensorProgram,
  kinked: readonly KinkedNode[],
  parameters: Parameters,
  x: Float64Array,
  n: number,
): number {
  try {
    const { ntk } = empiricalNtk(program, parameters, x, n, undefined, undefined, { outputs: [0] });
    const diagonal = Array.from({ length: n }, (_, i) => ntk[i * (n + 1)]!);
    if (Math.min(...diagonal) <= 1e-6 * Math.max(...diagonal)) return -1;
    return marginOf(kinked, forward(program, parameters, x, n));
  } catch (error) {
    if (error instanceof NtkcError) return Number.NEGATIVE_INFINITY;
    throw error;
  }
}
