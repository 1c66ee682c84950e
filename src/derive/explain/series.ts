/** Lines of activations without a closed form: Hermite coefficients and the series made of them. */
import type { Statement } from '../../ir/program/index.ts';
import type { Derivation } from '../derivation.ts';
import type { Notation } from '../values.ts';
import { type Line, notationOf, one, value } from './line.ts';
import { type Written, writeName, writeValue } from './writing.ts';

/** a_p = E φ(√q z) h_p(z), and the same of φ'. @eq daniely2016 (dual activation) */
export function expansion(notation: Notation, q: Written): Pick<Line, 'left' | 'right'> {
  const a = writeName(notation);
  const index = notation.index;
  const at = (f: string, w: string, root: string) =>
    `\\mathbb{E}_{z \\sim \\mathcal{N}(0,1)}\\left[${f}(${root}\\, z) \\, h_p(z)\\right]${w}`;
  return {
    left: { tex: `a_p^{(${index})}(x)`, text: a.text.replace('a', 'aₚ') },
    right: {
      tex: [
        at('\\varphi', '', `\\sqrt{${q.tex}}`),
        `,\\quad b_p^{(${index})}(x) = ${at("\\varphi'", '', `\\sqrt{${q.tex}}`)}`,
      ],
      text: [`E[φ(√(${q.text})·z)·h_p(z)], z ~ N(0, 1),`, `and ${a.text.replace('a', 'bₚ')} the same of φ'`],
    },
  };
}

export function series(d: Derivation, s: Extract<Statement, { kind: 'dual' }>): Pick<Line, 'right'> {
  const phi = s.order === 0 ? { tex: '\\varphi', text: 'φ' } : { tex: "\\varphi'", text: "φ'" };
  const source = d.written.statements.find((e) => e.name === s.expansion);
  const variance = source?.kind === 'expand' ? source.variance : s.covariance;
  const k = value(d, s.covariance, s.domain === 'pair' ? 'pair' : 'x');
  const [q, qAtY] = [value(d, variance, 'x'), value(d, variance, 'y')];
  if (s.domain === 'self')
    return one(
      `\\mathbb{E}_{z \\sim \\mathcal{N}(0,1)}\\left[${phi.tex}(\\sqrt{${k.tex}}\\, z)^2\\right]`,
      `E[${phi.text}(√(${k.text})·z)²], z ~ N(0, 1)`,
    );
  const letter = s.order === 0 ? 'a' : 'b';
  const { index } = notationOf(d, s.expansion);
  const at = writeValue({ ...notationOf(d, s.expansion) }, 'x').text.replace('a', `${letter}ₚ`);
  const tex = (x: string) => `${letter}_p^{(${index})}(${x})`;
  return {
    right: {
      tex: [
        `\\sum_{p \\ge 0} ${tex('x')} \\, ${tex("x'")} \\, \\rho^p`,
        `,\\quad \\rho = \\frac{${k.tex}}{\\sqrt{${q.tex} \\, ${qAtY.tex}}}`,
      ],
      text: [`Σₚ ${at}·${at.replace('(x)', "(x')")}·ρᵖ,`, `ρ = ${k.text}/√(${q.text}·${qAtY.text})`],
    },
  };
}
