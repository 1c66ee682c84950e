/** Derivations for readers: text, LaTeX, JSON, HTML. */
import type { Derivation } from '../derivation.ts';
import { toHtml } from './html.ts';
import { type DerivationJson, toJson } from './json.ts';
import { type LatexOptions, toLatex } from './latex.ts';
import { toText } from './text.ts';

export type { DerivationJson, EquationJson, LoopJson, StepJson } from './json.ts';
export type { LatexOptions } from './latex.ts';

export interface Explanation {
  /** Unicode text, about 100 columns wide. */
  toText(): string;
  /** LaTeX: a snippet for a document with amsmath and amssymb, or with `document: true` a whole one. */
  toLatex(options?: LatexOptions): string;
  toJson(): DerivationJson;
  /** One self-contained HTML file. */
  toHtml(): Promise<string>;
}

/** The printers of a derivation. All are deterministic: same derivation, same bytes. */
export const explain = (derivation: Derivation): Explanation => ({
  toText: () => toText(derivation),
  toLatex: (options) => toLatex(derivation, options),
  toJson: () => toJson(derivation),
  toHtml: () => toHtml(derivation),
});
