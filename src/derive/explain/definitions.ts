/** What an activation's values mean, as expectations over its Gaussian input. */
import { type Expr, layoutScalar } from '../../ir/scalar/index.ts';
import type { Derivation, Step } from '../derivation.ts';
import { letters, type Notation } from '../values.ts';
import { type Line, notationOf } from './line.ts';
import { type Style, symbolWriter, type Written, writeName, writeValue } from './writing.ts';

/** What an activation's dual means, before its closed form: φ, κ = E φφ and κ̇ = E φ'φ'. */
export function definitions(d: Derivation, { phi, phiTex, covariance, statements }: Step): readonly Line[] {
  const find = (letter: keyof typeof letters) =>
    statements.map((name) => notationOf(d, name)).find((n) => n.letter === letters[letter] && n.domain === 'pair');
  const [hat, dot] = [find('sigmaHat'), find('dotSigma')];
  const known = hat ?? dot;
  if (phi === undefined || covariance === undefined || known === undefined) return [];
  const line = (left: Written, tex: readonly string[], text: readonly string[]): Line => ({
    domain: 'pair',
    left,
    right: { tex, text },
  });
  const upper = writeIndex(known);
  const gaussian = gaussianOf(d, covariance, known.index);
  const lines = [
    line({ tex: '\\varphi(x)', text: 'φ(x)' }, [phiTex ?? layoutScalar(phi, 'tex')], [layoutScalar(phi, 'text')]),
    line({ tex: `\\Lambda^{(${known.index})}`, text: `Λ${upper}` }, gaussian.matrix.tex, gaussian.matrix.text),
  ];
  if (hat !== undefined) {
    const mean = [`E[φ(u)·φ(v)],`, `(u,v) ~ N(0, Λ${upper})`];
    lines.push(line(writeName(hat), [gaussian.mean('\\varphi')], mean));
  }
  if (dot !== undefined) {
    const price = priceOf(d, dot, covariance);
    const mean = ["E[φ'(u)·φ'(v)]", ...(price === undefined ? [] : [`= ${price.text} (Price's theorem)`])];
    const meanTex = [gaussian.mean("\\varphi'"), ...(price === undefined ? [] : [`= ${price.tex}`])];
    lines.push(line(writeName(dot), meanTex, mean));
  }
  return lines;
}

const writeIndex = (n: Notation): string =>
  writeValue({ ...n, letter: letters.sigma }, 'pair')
    .text.slice(1)
    .replace(/\(.*/, '');

/** ∂Σ̂/∂Σ, where the covariance has a name to differentiate by. */
function priceOf(d: Derivation, dot: Notation, { pair }: { readonly pair: Expr }): Written | undefined {
  const by = pair.kind === 'sym' ? d.notation.get(pair.name) : undefined;
  if (by === undefined) return undefined;
  const hat = writeName({ ...dot, letter: letters.sigmaHat });
  const k = writeName(by);
  const bare = (w: string) => w.replace(/\(x,x'\)$/, '');
  return {
    tex: `\\frac{\\partial ${bare(hat.tex)}}{\\partial ${bare(k.tex)}}(x,x')`,
    text: `∂${bare(hat.text)}/∂${bare(k.text)}`,
  };
}

/**
 * How an expectation over the activation's input is written. TeX as in wntk-tan2021 (6), over functions f; only where
 * the covariance has no name, and in text, over (u, v) with a covariance matrix Λ.
 */
function gaussianOf(d: Derivation, covariance: { readonly pair: Expr; readonly self: Expr }, index: string) {
  const { pair } = covariance;
  const named = pair.kind === 'sym' ? d.notation.get(pair.name) : undefined;
  const [t, u] = [entries(d, covariance, 'tex'), entries(d, covariance, 'text')];
  const text = [`[[${u.atX}, ${u.pair}], [${u.pair}, ${u.atY}]]`];
  const over = (subscript: string, phi: string, a: string, b: string) =>
    `\\mathbb{E}_{${subscript}}\\left[${phi}(${a})\\,${phi}(${b})\\right]`;
  if (named !== undefined) {
    const process = writeName(named).tex.replace(/\(x,x'\)$/, '');
    const mean = (phi: string) => over(`f \\sim \\mathcal{N}(0,${process})`, phi, 'f(x)', "f(x')");
    return { matrix: { tex: [], text }, mean };
  }
  const tex = [`\\begin{pmatrix} ${t.atX} & ${t.pair} \\\\ ${t.pair} & ${t.atY} \\end{pmatrix}`];
  const mean = (phi: string) => over(`(u,v) \\sim \\mathcal{N}(0,\\Lambda^{(${index})})`, phi, 'u', 'v');
  return { matrix: { tex, text }, mean };
}

function entries(d: Derivation, k: { readonly pair: Expr; readonly self: Expr }, style: Style) {
  const atX = layoutScalar(k.self, style, symbolWriter(d, 'self', style));
  return {
    pair: layoutScalar(k.pair, style, symbolWriter(d, 'pair', style)),
    atX,
    atY: atX.replaceAll('(x,x)', "(x',x')"),
  };
}
