import type { Network } from '../ir/arch/index.ts';
import type { KernelName, Program } from '../ir/program/index.ts';
import type { Expr } from '../ir/scalar/index.ts';
import type { Kernel } from '../ops/op.ts';
import type { Notation } from './values.ts';

/** One rule applied at one layer. */
export interface Step {
  /** Where in the network, e.g. layers[2]; "input" for the input's Gram matrix. */
  readonly path: string;
  readonly op: string;
  /** Name of the rule and its source (NOTATION.md lists the sources). */
  readonly rule: string;
  readonly source: string;
  /** Names of the statements it added to `written`, in order. */
  readonly statements: readonly string[];
  /** The layer whose statements made the values of this step, where it needs none of its own. */
  readonly madeAt?: string;
  /** For activations: φ in the symbol x, φ in TeX, and the covariance of the Gaussian it is applied to. */
  readonly phi?: Expr;
  readonly phiTex?: string;
  readonly covariance?: Kernel;
  /** Each sample draws noise of its own here: the diagonal is not the pair value at equal inputs. */
  readonly noisy?: true;
  /** Index of the parametrised layer, from 1, for ops with parameters. */
  readonly layer?: number;
}

/** A kernel of a network, derived: the steps a reader follows and the program a target runs. */
export interface Derivation {
  readonly network: Network;
  readonly kernel: KernelName;
  readonly steps: readonly Step[];
  /** The program as a reader follows it: every value has a name, also copies (Σ² = Σ̂¹) and numbers. */
  readonly written: Program;
  /** The program a target runs: `written` without copies and without what no output reads. */
  readonly program: Program;
  readonly notation: ReadonlyMap<string, Notation>;
}
