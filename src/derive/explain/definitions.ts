/** What an activation's values mean, as expectations over its Gaussian input. */

import type { Statement } from '../../ir/program/index.ts';
import { type Expr, layoutScalar } from '../../ir/scalar/index.ts';
import type { Derivation, Step } from '../derivation.ts';
import { letters, type Notation } from '../values.ts';
import { type Line, notationOf } from './line.ts';
import { statementsOf } from './statements.ts';
import { sumWriter } from './sums.ts';
import {
  positionsAt,
  type Style,
  symbolWriter,
  type Where,
  type Written,
  whereOf,
  writeLeft,
  writeName,
  writeValue,
} from './writing.ts';

/** What an activation's dual means, before its closed form: φ, κ = E φφ and κ̇ = E φ'φ'. */
export function definitions(d: Derivation, { phi, phiTex, covariance, statements }: Step): readonly Line[] {
  const { named } = statementsOf(d);
  const find = (letter: keyof typeof letters) =>
    statements.find((name) => {
      const n = notationOf(d, name);
      return n.letter === letters[letter] && n.domain === 'pair' && n.moved === undefined;
    });
  const [hatName, dotName] = [find('sigmaHat'), find('dotSigma')];
  const first = named.get(hatName ?? dotName ?? '');
  if (phi === undefined || covariance === undefined || first === undefined) return [];
  const known = notationOf(d, first.name);
  const left = (name: string) => writeLeft(d, named.get(name) as Statement);
  const line = (left: Written, tex: readonly string[], text: readonly string[]): Line => ({
    domain: 'pair',
    left,
    right: { tex, text },
  });
  const upper = writeIndex(known);
  const gaussian = gaussianOf(d, covariance, known.index, whereOf(first));
  const lines = [
    line({ tex: '\\varphi(x)', text: 'φ(x)' }, [phiTex ?? layoutScalar(phi, 'tex')], [layoutScalar(phi, 'text')]),
    line({ tex: `\\Lambda^{(${known.index})}`, text: `Λ${upper}` }, gaussian.matrix.tex, gaussian.matrix.text),
  ];
  if (hatName !== undefined) {
    const mean = [`E[φ(u)·φ(v)],`, `(u,v) ~ N(0, Λ${upper})`];
    lines.push(line(left(hatName), [gaussian.mean('\\varphi')], mean));
  }
  if (dotName !== undefined) {
    const price = priceOf(d, notationOf(d, dotName), covariance, first);
    const mean = ["E[φ'(u)·φ'(v)]", ...(price === undefined ? [] : [`= ${price.text} (Price's theorem)`])];
    const meanTex = [gaussian.mean("\\varphi'"), ...(price === undefined ? [] : [`= ${price.tex}`])];
    lines.push(line(left(dotName), meanTex, mean));
  }
  return lines;
}

const writeIndex = (n: Notation): string =>
  writeValue({ ...n, letter: letters.sigma }, 'pair')
    .text.slice(1)
    .replace(/\(.*/, '');

/** ∂Σ̂/∂Σ, where the covariance has a name to differentiate by. */
function priceOf(d: Derivation, dot: Notation, { pair }: { readonly pair: Expr }, at: Statement): Written | undefined {
  const by = pair.kind === 'sym' ? d.notation.get(pair.name) : undefined;
  if (by === undefined) return undefined;
  const hat = writeName({ ...dot, letter: letters.sigmaHat });
  const k = writeName(by);
  const bare = (w: string) => w.replace(/\(x,x'\)$/, '');
  return {
    tex: `\\frac{\\partial ${bare(hat.tex)}}{\\partial ${bare(k.tex)}}(x,x')${positionsAt(whereOf(at), 'pair', at)}`,
    text: `∂${bare(hat.text)}/∂${bare(k.text)}`,
  };
}

/**
 * How an expectation over the activation's input is written. TeX as in wntk-tan2021 (6), over functions f; only where
 * the covariance has no name, and in text, over (u, v) with a covariance matrix Λ.
 */
function gaussianOf(
  d: Derivation,
  covariance: { readonly pair: Expr; readonly self: Expr },
  index: string,
  where: Where,
) {
  const { pair } = covariance;
  const named = pair.kind === 'sym' ? d.notation.get(pair.name) : undefined;
  const [t, u] = [entries(d, covariance, 'tex', where), entries(d, covariance, 'text', where)];
  const text = [`[[${u.atX}, ${u.pair}], [${u.pair}, ${u.atY}]]`];
  const over = (subscript: string, phi: string, a: string, b: string) =>
    `\\mathbb{E}_{${subscript}}\\left[${phi}(${a})\\,${phi}(${b})\\right]`;
  const second = where.span === 'all' ? "p'" : 'p';
  const at = where.span === undefined ? { x: '', y: '' } : { x: '[p]', y: `[${second}]` };
  if (named !== undefined) {
    const process = writeName(named).tex.replace(/\(x,x'\)$/, '');
    const mean = (phi: string) => over(`f \\sim \\mathcal{N}(0,${process})`, phi, `f(x)${at.x}`, `f(x')${at.y}`);
    return { matrix: { tex: [], text }, mean };
  }
  const tex = [`\\begin{pmatrix} ${t.atX} & ${t.pair} \\\\ ${t.pair} & ${t.atY} \\end{pmatrix}`];
  const mean = (phi: string) => over(`(u,v) \\sim \\mathcal{N}(0,\\Lambda^{(${index})})`, phi, 'u', 'v');
  return { matrix: { tex, text }, mean };
}

function entries(d: Derivation, k: { readonly pair: Expr; readonly self: Expr }, style: Style, where: Where) {
  const own: Where = { domain: 'self', span: where.span && 'diagonal' };
  const write = (e: Expr, at: Where) => layoutScalar(e, style, symbolWriter(d, at, style, sumWriter(d, at)));
  const atX = write(k.self, own);
  const second = where.span === 'all' ? "[p',p']" : '[p,p]';
  return {
    pair: write(k.pair, where),
    atX,
    atY: atX.replaceAll('(x,x)', "(x',x')").replaceAll('[p,p]', second),
  };
}
