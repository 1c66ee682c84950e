import { type Network, printNetwork } from '../../ir/arch/index.ts';
import { type Domain, type KernelName, printProgram } from '../../ir/program/index.ts';
import { vocabulary } from '../../ops/vocabulary.ts';
import type { Derivation } from '../derivation.ts';
import { outputLines } from './head.ts';
import { lineTex } from './latex.ts';
import type { Line } from './line.ts';
import { type ExplainedStep, explainSteps } from './lines.ts';
import { stepLoops } from './loops.ts';
import { lineText } from './text.ts';

/** One equation of a derivation. */
export interface EquationJson {
  /** Name of the value in `program` (where it may be inlined); absent for definitions and results. */
  readonly name?: string;
  /** `pair`: a value of (x, x'). `self`: of one sample, or the diagonal (x, x). */
  readonly domain: Domain;
  /** A line of an align environment. */
  readonly tex: string;
  readonly text: string;
}

export interface StepJson {
  readonly path: string;
  readonly op: string;
  readonly rule: string;
  /** Source and equation; NOTATION.md lists the sources. */
  readonly source: string;
  /** Number of the layer with parameters, from 1. */
  readonly layer?: number;
  readonly definitions: readonly EquationJson[];
  readonly equations: readonly EquationJson[];
  /** Sentences that the equations need, of positions; absent where there are none. */
  readonly notes?: readonly string[];
}

/** Steps that do the same several times, and those of one repetition with a letter in their indices. */
export interface LoopJson {
  /** Index in `steps` of the first, and steps of one repetition. */
  readonly first: number;
  readonly length: number;
  readonly times: number;
  /** The letter, its value in the first repetition, and how much it grows from one to the next. */
  readonly index: string;
  readonly from: number;
  readonly by: number;
  /** What the first repetition reads for the one before, where that has another letter. */
  readonly initial: readonly EquationJson[];
  readonly steps: readonly Omit<StepJson, 'layer'>[];
}

/** A derivation as data; version 1. */
export interface DerivationJson {
  readonly ntkcDerivation: 1;
  /** The network as its JSON declares it, defaults left out. */
  readonly network: Network;
  readonly kernel: KernelName;
  /** Layer weights of the weighted kernel with their defaults; empty for the others. */
  readonly layerWeights: readonly { readonly name: string; readonly value: number; readonly path: string }[];
  readonly steps: readonly StepJson[];
  /** Which of these repeat; absent where none do. */
  readonly loops?: readonly LoopJson[];
  /** What is computed: `name` in the program, and its equation. */
  readonly outputs: readonly EquationJson[];
  /** The printed kernel program; `parseProgram` reads it. */
  readonly program: string;
}

export function toJson(derivation: Derivation): DerivationJson {
  const loops = stepLoops(derivation).map(({ path: _, initial, steps, ...loop }) => ({
    ...loop,
    initial: initial.map(equationJson),
    steps: steps.map(stepJson),
  }));
  return {
    ntkcDerivation: 1,
    network: JSON.parse(printNetwork(derivation.network, vocabulary)) as Network,
    kernel: derivation.kernel,
    layerWeights: derivation.program.weights.map(({ name, value, path }) => ({ name, value, path })),
    steps: explainSteps(derivation).map((step) => ({
      ...stepJson(step),
      ...(typeof step.layer === 'number' && { layer: step.layer }),
    })),
    ...(loops.length > 0 && { loops }),
    outputs: outputLines(derivation).map((l, i) => ({
      name: derivation.program.outputs[i]?.name as string,
      ...equationJson(l),
    })),
    program: printProgram(derivation.program),
  };
}

const stepJson = ({ path, op, rule, source, definitions, equations, notes }: ExplainedStep) => ({
  path,
  op,
  rule,
  source,
  definitions: definitions.map(equationJson),
  equations: equations.map(equationJson),
  ...(notes.length > 0 && { notes }),
});

const equationJson = (line: Line): EquationJson => ({
  ...(line.name !== undefined && { name: line.name }),
  domain: line.domain,
  tex: line.right.tex.length === 0 ? '' : lineTex(line),
  text: lineText(line),
});
