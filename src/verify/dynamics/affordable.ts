/** The comparison that every verification can afford: a few seconds, or a reason why not. */
import { finiteNetwork } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import type { Network } from '../../ir/arch/index.ts';
import { sampleSize } from '../../ir/tensor/tensorProgram.ts';
import { vocabulary as standardVocabulary } from '../../ops/vocabulary.ts';
import { empiricalNtk, initialise } from '../../runtime/empirical/index.ts';
import { type Rows, toInputs } from '../inputs.ts';
import { passCost } from '../plan.ts';
import { withWidths } from '../widths.ts';
import { compareDynamics, isSmooth } from './compare.ts';
import type { DynamicsOptions, DynamicsReport, NoDynamics } from './types.ts';

type Choices = Pick<DynamicsOptions, 'seed' | 'vocabulary' | 'onProgress' | 'signal'>;

const NETWORKS = 12;
/** Multiply-adds of a pass for one sample, one network of each width together; a pass costs that of so many at least. */
const COST = 1e5;
const LEAST_COST = 4000;
/** Along kinks the integrator takes about this many times the steps. */
const KINKED_COST = 5;
const WIDEST = [256, 128, 64, 32];
/** In units of 1/(mean of K(x, x)), rounded to a power of 2: from hardly trained to most of the way. */
const TIMES = [0.25, 0.5, 1, 2, 4];

/**
 * `compareDynamics` on the inputs of a verification, with targets ±1: at most four for training, the fourth row watched.
 * Widths are halved until the budget holds. What cannot be compared is skipped, with the reason.
 */
export async function affordableDynamics(
  network: Network,
  rows: Rows,
  choices: Choices = {},
): Promise<DynamicsReport | NoDynamics> {
  const watched = rows.slice(3, 4);
  const x = rows.filter((_, i) => i !== 3).slice(0, 4);
  const y = x.map((_, i) => (i % 2 === 0 ? 1 : -1));
  try {
    const widths = affordableWidths(network, choices.vocabulary);
    if (widths === undefined)
      return {
        skipped:
          'Training networks of several widths would take too long here; compareDynamics takes widths of your choice.',
      };
    const times = TIMES.map((t) => t * timeUnit(network, widths.at(-1)!, x, choices));
    return await compareDynamics(network, x, y, { ...choices, watched, widths, times, networks: NETWORKS });
  } catch (error) {
    if (!(error instanceof NtkcError)) throw error;
    return { skipped: error.message };
  }
}

const sized = (network: Network, width: number, vocabulary = standardVocabulary) =>
  finiteNetwork(withWidths(network, width, vocabulary), { width, outputs: 1, vocabulary });

function affordableWidths(network: Network, vocabulary: Choices['vocabulary']): readonly number[] | undefined {
  return WIDEST.map((widest) => [widest / 8, widest / 4, widest / 2, widest]).find((widths) => {
    const programs = widths.map((width) => sized(network, width, vocabulary));
    const cost = programs.every(isSmooth) ? 1 : KINKED_COST;
    const passes = programs.reduce((sum, program) => sum + LEAST_COST + passCost(program), 0);
    return cost * passes <= COST;
  });
}

function timeUnit(network: Network, width: number, x: Rows, { vocabulary, seed = 0 }: Choices): number {
  const program = sized(network, width, vocabulary);
  const { data, n } = toInputs(x, sampleSize(program));
  const { ntk } = empiricalNtk(program, initialise(program, [seed, width]), data, n);
  const diagonal = Array.from({ length: n }, (_, i) => ntk[i * n + i]!).reduce((sum, v) => sum + v, 0) / n;
  return diagonal > 0 ? 2 ** -Math.round(Math.log2(diagonal)) : 1;
}
