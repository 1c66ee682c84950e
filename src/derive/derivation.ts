import type { Network } from '../ir/arch/index.ts';
import type { KernelName, Program } from '../ir/program/index.ts';
import type { Notation } from './values.ts';

/** One rule applied at one layer. */
export interface Step {
  /** Where in the network, e.g. layers[2]; "input" for the input's Gram matrix. */
  readonly path: string;
  readonly op: string;
  /** Name of the rule and its source (NOTATION.md lists the sources). */
  readonly rule: string;
  readonly source: string;
  /** Names of the statements it added to the program, in order. */
  readonly statements: readonly string[];
  /** φ in TeX, for activations. */
  readonly phiTex?: string;
  /** Index of the parametrised layer, from 1, for ops with parameters. */
  readonly layer?: number;
}

/** A kernel of a network, derived: the steps a reader follows and the program a target runs. */
export interface Derivation {
  readonly network: Network;
  readonly kernel: KernelName;
  readonly steps: readonly Step[];
  readonly program: Program;
  readonly notation: ReadonlyMap<string, Notation>;
}
