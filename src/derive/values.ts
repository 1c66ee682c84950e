/**
 * Names of the values a derivation makes, and how each is written. A name is a letter and an index; the letters are
 * those of NOTATION.md.
 */
import type { Domain } from '../ir/program/index.ts';

export interface Letter {
  readonly tex: string;
  readonly text: string;
}

/** Kernels that rules make, by the letter of their values on pairs. */
export type KernelLetter =
  | 'sigma'
  | 'sigmaHat'
  | 'dotSigma'
  | 'sigmaSum'
  | 'sigmaBar'
  | 'theta'
  | 'thetaHat'
  | 'thetaSum'
  | 'thetaBar';

/** Σ, Θ on pairs; the same on the diagonal, where the paper writes Σ(x, x). */
export const letters: Readonly<
  Record<KernelLetter | 'sigmaAt' | 'hermite' | 'attention' | 'pattern' | 'present', Letter>
> = {
  sigma: { tex: '\\Sigma', text: 'Σ' },
  sigmaHat: { tex: '\\hat\\Sigma', text: 'Σ̂' },
  dotSigma: { tex: '\\dot\\Sigma', text: 'Σ̇' },
  sigmaAt: { tex: '\\tilde\\Sigma', text: 'Σ̃' },
  sigmaSum: { tex: '\\Sigma_{+}', text: 'Σ₊' },
  sigmaBar: { tex: '\\bar\\Sigma', text: 'Σ̄' },
  theta: { tex: '\\Theta', text: 'Θ' },
  thetaHat: { tex: '\\hat\\Theta', text: 'Θ̂' },
  thetaSum: { tex: '\\Theta_{+}', text: 'Θ₊' },
  thetaBar: { tex: '\\bar\\Theta', text: 'Θ̄' },
  hermite: { tex: 'a', text: 'a' },
  attention: { tex: 'G', text: 'G' },
  pattern: { tex: 'A', text: 'A' },
  present: { tex: 'm', text: 'm' },
};

/** Names of diagonal values: q is Σ(x, x), t is Θ(x, x). */
export const selfLetters: Readonly<Record<KernelLetter, string>> = {
  sigma: 'q',
  sigmaHat: 'qHat',
  dotSigma: 'dotQ',
  sigmaSum: 'qSum',
  sigmaBar: 'qBar',
  theta: 't',
  thetaHat: 'tHat',
  thetaSum: 'tSum',
  thetaBar: 'tBar',
};

/** What a statement over several positions makes of the value it reads; the end of its name. */
export type Moved = 'Conv' | 'Pool' | 'Mean' | 'Trace' | 'Local' | 'Mixed' | 'Average';

/** How a value is written in a derivation. */
export interface Notation {
  readonly letter: Letter;
  /** Upper index (layer), and for a layer-wise kernel the layer whose parameters it is of. */
  readonly index: string;
  readonly of?: string;
  readonly domain: Domain;
  /** The letter is of the value it was made from, and this is how. */
  readonly moved?: Moved;
}
