/** Contractions and lines as text and as LaTeX. */
import { type Contraction, dummiesOf, type Factor, isDummy } from '../../../ir/einsum/index.ts';
import { superscript } from '../../../ir/scalar/index.ts';
import { compareFactors, type HierarchyGroup, type HierarchyLine } from './lines.ts';
import { raised, type Symbols, type Written } from './symbols.ts';

export interface LineParts {
  readonly scale: Written;
  /** Absent where the line has none. */
  readonly prefactor?: Written;
  readonly body: readonly Written[];
}

export function writeLine({ coefficient, powers, prefactors, body }: HierarchyLine, symbols: Symbols): LineParts {
  const scale = symbols.scale(coefficient, powers);
  const written = body.map((c) => writeContraction(c, symbols));
  const [first] = prefactors;
  if (first === undefined || first.length === 0) return { scale, body: written };
  // Each product of the sum without what all of them hold.
  const common = first.filter((c) => prefactors.every((product) => product.includes(c)));
  const rest = prefactors.map((product) => product.filter((c) => !common.includes(c)));
  const write = (product: readonly Contraction[]) => juxtaposed(product.map((c) => writeContraction(c, symbols)));
  const sum = prefactors.length === 1 ? [] : [sumOf(rest.map(write))];
  return { scale, prefactor: juxtaposed([...common.map((c) => writeContraction(c, symbols)), ...sum]), body: written };
}

/** What the lines of a group have in common: a⁴ σ‴ σ′³. */
export const writeHeading = ({ factors }: HierarchyGroup, symbols: Symbols): Written => {
  if (factors.length === 0) return { text: '1', tex: '1' };
  const parts = factors.map(({ factor, count }) => {
    const { text, tex } = symbols.kind(factor);
    return count === 1
      ? { text, tex }
      : raised({ text: /[⁰¹²³⁴⁵⁶⁷⁸⁹]$/.test(text) ? `(${text})` : text, tex: `{${tex}}` }, count);
  });
  return { text: parts.map(({ text }) => text).join(' '), tex: parts.map(({ tex }) => tex).join('\\,') };
};

const juxtaposed = (parts: readonly Written[]): Written => ({
  text: parts.map(({ text }) => text).join(' '),
  tex: parts.map(({ tex }) => tex).join(' \\cdot '),
});

const sumOf = (parts: readonly Written[]): Written => ({
  text: `(${parts.map(({ text }) => text).join(' + ')})`,
  tex: `\\left(${parts.map(({ tex }) => tex).join(' + ')}\\right)`,
});

export function writeContraction({ factors }: Contraction, symbols: Symbols): Written {
  const dummies = dummiesOf(factors);
  const simple = factors.every((f) => symbols.isVector(f) || (f.indices.length === 1 && isDummy(f.indices[0]!)));
  if (dummies.length === 1 && simple) return innerProduct(factors, symbols);
  return indexed(factors, symbols);
}

/** ⟨a⊙a, σ″(α) ⊙ σ′(β)⟩, entrywise products as powers and by juxtaposition. */
function innerProduct(factors: readonly Factor[], symbols: Symbols): Written {
  const weights = collected(factors.filter(symbols.isVector), symbols);
  const others = factors
    .filter((f) => !symbols.isVector(f))
    .toSorted((a, b) => a.sample - b.sample || compareFactors(a, b));
  const biased = hasBias(factors);
  const vectors = others.map((f) => symbols.factor(f, biased && isBiased(f, symbols)));
  if (weights.length === 0 && vectors.length === 2) {
    const [a, b] = vectors as [Written, Written];
    const input = others.every(({ tensor }) => symbols.isInput(tensor));
    const tex = input ? `${a.tex}^\\top ${b.tex}` : `\\left\\langle ${a.tex}, ${b.tex}\\right\\rangle`;
    return { text: `⟨${a.text}, ${b.text}⟩`, tex };
  }
  const left = weights.length === 0 ? { text: '1', tex: '\\mathbf{1}' } : entrywise(weights);
  if (vectors.length === 0)
    return { text: `⟨${left.text}, 1⟩`, tex: `\\left\\langle ${left.tex}, \\mathbf{1}\\right\\rangle` };
  const right = entrywise(vectors);
  return { text: `⟨${left.text}, ${right.text}⟩`, tex: `\\left\\langle ${left.tex}, ${right.tex}\\right\\rangle` };
}

const entrywise = (parts: readonly Written[]): Written => ({
  text: parts.map(({ text }) => text).join(' ⊙ '),
  tex: parts.map(({ tex }) => tex).join(' \\odot '),
});

/** Equal vectors as entrywise powers. */
function collected(factors: readonly Factor[], symbols: Symbols): readonly Written[] {
  const counts = new Map<string, { readonly written: Written; readonly count: number }>();
  for (const factor of factors) {
    const written = symbols.factor(factor, false);
    counts.set(written.text, { written, count: (counts.get(written.text)?.count ?? 0) + 1 });
  }
  return [...counts.values()].map(({ written, count }) =>
    count === 1 ? written : { text: raised(written, count).text, tex: `${written.tex}^{\\odot ${count}}` },
  );
}

/** Only inputs of layers meet at the index, so that its last entry, the bias, counts. */
const hasBias = (meeting: readonly Factor[]): boolean => meeting.every(({ tensor }) => tensor.startsWith('u'));
const isBiased = ({ tensor }: Factor, symbols: Symbols): boolean =>
  symbols.layers[Number(tensor.slice(1)) - 1]!.node.bias !== undefined;

const letters = 'ijklnpqrstuvyzabceghmw';
const letterOf = (place: number): Written => {
  const round = Math.floor(place / letters.length);
  const letter = letters[place % letters.length]!;
  return round === 0 ? { text: letter, tex: letter } : { text: `${letter}${round}`, tex: `${letter}_{${round}}` };
};

/** Σ_ij a_i W²_ij σ₂′(α)_i σ₁′(β)_j. */
function indexed(factors: readonly Factor[], symbols: Symbols): Written {
  const ordered = factors.toSorted(compareFactors);
  const places = new Map(dummiesOf(ordered).map((index, place) => [index, letterOf(place)]));
  const letter = (index: number): Written => places.get(index) ?? { text: 'o', tex: 'o' };
  const parts = ordered.map((factor) => {
    const shown = symbols.isVector(factor) ? factor.indices.slice(1) : factor.indices;
    const biased =
      factor.tensor.startsWith('u') &&
      isBiased(factor, symbols) &&
      hasBias(factors.filter(({ indices }) => indices.includes(factor.indices[0]!)));
    const { text, tex } = symbols.factor(factor, biased);
    const at = shown.map(letter);
    const below = { text: at.map((l) => l.text).join(''), tex: at.map((l) => l.tex).join(' ') };
    const grouped = /[_^]/.test(tex) ? `{${tex}}` : tex;
    return {
      text: `${text}${text.includes('_') ? `,${below.text}` : `_${below.text}`}`,
      tex: `${grouped}_{${below.tex}}`,
    };
  });
  const all = [...places.values()];
  const body = juxtaposedFactors(parts);
  if (all.length === 0) return body;
  return {
    text: `Σ_${all.map(({ text }) => text).join('')} ${body.text}`,
    tex: `\\sum_{${all.map(({ tex }) => tex).join(' ')}} ${body.tex}`,
  };
}

/** Equal neighbours as powers. */
function juxtaposedFactors(parts: readonly Written[]): Written {
  const counts = new Map<string, { readonly part: Written; readonly count: number }>();
  for (const part of parts) counts.set(part.text, { part, count: (counts.get(part.text)?.count ?? 0) + 1 });
  const powers = [...counts.values()].map(({ part: { text, tex }, count }) =>
    count === 1 ? { text, tex } : { text: `(${text})${superscript(count)}`, tex: `\\left(${tex}\\right)^{${count}}` },
  );
  return { text: powers.map(({ text }) => text).join(' '), tex: powers.map(({ tex }) => tex).join(' ') };
}
