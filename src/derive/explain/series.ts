/** Lines of activations without a closed form: Hermite coefficients and the series made of them. */
import type { Dual, Expand, Grid } from '../../ir/program/index.ts';
import { superscript } from '../../ir/scalar/index.ts';
import type { Derivation } from '../derivation.ts';
import { type Line, notationOf, one, value } from './line.ts';
import { statementsOf } from './statements.ts';
import { type Where, type Written, whereOf } from './writing.ts';

/** The degree is p, as in the source, unless p is a position. */
const degreeOf = (grid: Grid | undefined) =>
  grid === undefined
    ? { tex: 'p', lower: 'ₚ', upper: 'ᵖ', plain: 'p' }
    : { tex: 'k', lower: 'ₖ', upper: 'ᵏ', plain: 'k' };

/** a_p(x), or b_p(x) of φ': at a position where there are any. */
function coefficient(letter: string, index: string, grid: Grid | undefined, x: string, p: string): Written {
  const at = `(${x})${grid === undefined ? '' : `[${p}]`}`;
  const degree = degreeOf(grid);
  return {
    tex: `${letter}_${degree.tex}^{(${index})}${at}`,
    text: `${letter}${degree.lower}${superscript(index)}${at}`,
  };
}

/** a_p = E φ(√q z) h_p(z), and the same of φ'. @eq daniely2016 (dual activation) */
export function expansion(d: Derivation, s: Expand): Pick<Line, 'left' | 'right'> {
  const { index } = notationOf(d, s.name);
  const q = value(d, s.variance, 'x', whereOf(s));
  const [a, b] = ['a', 'b'].map((letter) => coefficient(letter, index, s.grid, 'x', 'p')) as [Written, Written];
  const { plain } = degreeOf(s.grid);
  const at = (f: string) =>
    `\\mathbb{E}_{z \\sim \\mathcal{N}(0,1)}\\left[${f}(\\sqrt{${q.tex}}\\, z) \\, h_${plain}(z)\\right]`;
  return {
    left: a,
    right: {
      tex: [`${at('\\varphi')},`, `\\quad ${b.tex} = ${at("\\varphi'")}`],
      text: [`E[φ(√(${q.text})·z)·h_${plain}(z)], z ~ N(0, 1),`, `and ${b.text} the same of φ'`],
    },
  };
}

export function series(d: Derivation, s: Dual): Pick<Line, 'right'> {
  const phi = s.order === 0 ? { tex: '\\varphi', text: 'φ' } : { tex: "\\varphi'", text: "φ'" };
  const where = whereOf(s);
  const k = value(d, s.covariance, s.domain === 'pair' ? 'pair' : 'x', where);
  if (s.domain === 'self')
    return one(
      `\\mathbb{E}_{z \\sim \\mathcal{N}(0,1)}\\left[${phi.tex}(\\sqrt{${k.tex}}\\, z)^2\\right]`,
      `E[${phi.text}(√(${k.text})·z)²], z ~ N(0, 1)`,
    );
  return mehler(d, s, k, where);
}

/** Σ_p a_p(x) a_p(x') ρ^p */
function mehler(d: Derivation, s: Dual, k: Written, where: Where): Pick<Line, 'right'> {
  const source = statementsOf(d).named.get(s.expansion);
  const variance = source?.kind === 'expand' ? source.variance : s.covariance;
  const [q, qAtY] = [value(d, variance, 'x', where), value(d, variance, 'y', where)];
  const { index } = notationOf(d, s.expansion);
  const letter = s.order === 0 ? 'a' : 'b';
  const a = coefficient(letter, index, s.grid, 'x', 'p');
  const b = coefficient(letter, index, s.grid, "x'", where.span === 'all' ? "p'" : 'p');
  const { plain, lower, upper } = degreeOf(s.grid);
  return {
    right: {
      tex: [
        `\\sum_{${plain} \\ge 0} ${a.tex} \\, ${b.tex} \\, \\rho^${plain},`,
        `\\quad \\rho = \\frac{${k.tex}}{\\sqrt{${q.tex} \\, ${qAtY.tex}}}`,
      ],
      text: [`Σ${lower} ${a.text}·${b.text}·ρ${upper},`, `ρ = ${k.text}/√(${q.text}·${qAtY.text})`],
    },
  };
}
