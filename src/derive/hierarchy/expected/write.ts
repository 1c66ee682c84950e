/** The calculus as text: expectations, coefficients, closed forms. */
import { type NeuronTerm, placeLetter } from './neuron.ts';
import type { Piece } from './pieces.ts';
import type { ReducedTerm } from './reduce.ts';
import type { Expectation, Quantity, Weighted } from './rules.ts';

const letters = (places: readonly number[]) => places.map(placeLetter).join('');
const condition = (given: readonly number[]) => (given.length === 0 ? '' : `|${letters(given)}`);
const primes = (order: number) => ['', '′', '″', '‴'][order] ?? `^(${order})`;

/** e.g. δ′(u_α), θ(u_β), relu(u_γ). */
export function pieceText({ kind, degree }: Piece, place: number): string {
  const u = `u_${placeLetter(place)}`;
  if (degree < 0) return `δ${primes(-1 - degree)}(${u})`;
  if (degree === 0) return kind === 'step' ? `θ(${u})` : '';
  const base = kind === 'step' ? `relu(${u})` : u;
  return degree === 1 ? base : `${base}^${degree}/${degree}!`;
}

/** e.g. E[δ(u_β) θ(u_γ) | u_α = 0]. */
export function expectationText({ factors, given }: Expectation): string {
  const product = factors.map(({ point, piece }) => pieceText(piece, point)).filter((text) => text !== '');
  const inner = product.join(' ') || '1';
  return given.length === 0
    ? `E[${inner}]`
    : `E[${inner} | ${given.map((i) => `u_${placeLetter(i)}`).join(' = ')} = 0]`;
}

function quantityText({ kind, i, j, given }: Quantity): string {
  const s = `S_${letters([i, j])}${condition(given)}`;
  return kind === 'covariance' ? s : kind === 'inverse' ? `1/${s}` : `1/√(2π ${s})`;
}

/** P of the orthant; 1 and 1/2 for none and one. */
function probabilityText({ points, given }: ReducedTerm): string {
  if (points.length < 2) return points.length === 0 ? '' : '1/2';
  const event = `${points.map((i) => `u_${placeLetter(i)}`).join(', ')} > 0`;
  return given.length === 0
    ? `P(${event})`
    : `P(${event} | ${given.map((i) => `u_${placeLetter(i)}`).join(' = ')} = 0)`;
}

const signed = (parts: readonly { readonly scale: number; readonly text: string }[]): string =>
  parts
    .map(({ scale, text }, i) => {
      const sign = scale < 0 ? (i === 0 ? '−' : ' − ') : i === 0 ? '' : ' + ';
      const size = Math.abs(scale);
      return `${sign}${size === 1 && text !== '' ? '' : text === '' ? `${size}` : `${size}·`}${text}`;
    })
    .join('') || '0';

/** A rule's right-hand side. */
export const weightedText = (terms: readonly Weighted[]): string =>
  signed(
    terms.map(({ scale, quantities, expectation }) => ({
      scale,
      text: [...quantities.map(quantityText), expectationText(expectation)].join('·'),
    })),
  );

/** A closed form. */
export const reducedText = (terms: readonly ReducedTerm[]): string =>
  signed(
    terms.map((term) => ({
      scale: term.scale,
      text: [...term.quantities.map(quantityText), probabilityText(term)].filter((text) => text !== '').join('·'),
    })),
  );

/** A term of one neuron in expectation, e.g. 3·E a²·G_αβ G_αγ·E[φ″(u_α) φ′(u_β) φ′(u_γ) φ(u_ξ)]. */
export function neuronTermText({ coefficient, power, grams, factors }: NeuronTerm): string {
  const product = [...factors]
    .sort((a, b) => a.at - b.at)
    .map(({ at, order }) => `φ${primes(order)}(u_${placeLetter(at)})`)
    .join(' ');
  const gram = grams.map(([i, j]) => `G_${letters([i, j])}`).join(' ');
  const moment = power === 0 ? '' : `E a^${power}`;
  const head = [coefficient === 1 ? '' : `${coefficient}`, moment, gram].filter((text) => text !== '');
  return [...head, `E[${product}]`].join('·');
}
