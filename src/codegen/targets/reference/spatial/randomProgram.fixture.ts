/** Random programs over positions: every statement, tables without any regularity, kept free of cancellation. */
import fc from 'fast-check';
import {
  type Domain,
  type LinearAxis,
  type Program,
  parseProgram,
  positionsOf,
  prune,
  type ShiftAxis,
  type Span,
} from '../../../../ir/program/index.ts';

/** Seeds of tables, and what comes after: layers that do not fit where they stand are left out. */
interface Layer {
  readonly kind: (typeof kinds)[number] | 'series';
  readonly seed: number;
  /** For each axis offsets of a window, and positions after it. */
  readonly sizes: readonly (readonly [offsets: number, to: number])[];
}
const kinds = ['shift', 'linear', 'average', 'relu', 'local', 'softmax', 'pattern', 'present', 'residual'] as const;

const few = (max: number) => fc.integer({ min: 1, max });
const layerOf = (allowed: readonly Layer['kind'][]): fc.Arbitrary<Layer> =>
  fc.record({
    kind: fc.constantFrom(...allowed),
    seed: fc.nat(1e6),
    sizes: fc.array(fc.tuple(few(3), few(3)), { minLength: 3, maxLength: 3 }),
  });

/** Programs of up to `most` layers, on inputs of one to three axes. */
const programOf = (allowed: readonly Layer['kind'][], most: number): fc.Arbitrary<Program> =>
  fc
    .record({
      extents: fc.array(few(4), { minLength: 1, maxLength: 3 }),
      channels: few(3),
      layers: fc.array(layerOf(allowed), { minLength: 1, maxLength: most }),
      over: fc.constantFrom('all' as const, 'diagonal' as const),
    })
    .filter(({ extents }) => positionsOf(extents) <= 16)
    .map(({ extents, channels, layers, over }) => {
      const writer = new Writer(extents, channels);
      for (const layer of layers) writer.add(layer);
      return prune(parseProgram(writer.finish(over)));
    });

export const randomProgram: fc.Arbitrary<Program> = programOf(kinds, 6);
/** With formulas, which take longer. */
export const randomSeries: fc.Arbitrary<Program> = programOf(['shift', 'linear', 'series'], 3);

type Bodies = readonly [q: string, f: string, k: string];

/** A fixed sequence of numbers from 0 to 1. */
function numbers(from: number): () => number {
  let state = from + 1;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}
const below = (n: number, next: () => number) => Math.floor(n * next());

/** A table that reads any positions, or none. */
const reads = (inputs: number, [offsets, to]: readonly [number, number], next: () => number): ShiftAxis =>
  Array.from({ length: offsets }, () => Array.from({ length: to }, () => below(inputs + 1, next) - 1));

/** Rows of positive weights, of any length, somewhere. */
const rows = (inputs: number, to: number, next: () => number): LinearAxis =>
  Array.from({ length: to }, () => {
    const from = below(inputs, next);
    return { from, weights: Array.from({ length: below(inputs - from + 1, next) }, next) };
  });

/** Writes each statement for self, full and pair values: q1, f1 and k1 after the first layer. */
class Writer {
  readonly #lines: string[];
  readonly #input: readonly number[];
  #extents: readonly number[];
  #count = 0;
  /** The layer before the last, if its values have the same positions. */
  #skip: number | undefined;

  constructor(extents: readonly number[], channels: number) {
    this.#input = extents;
    this.#extents = extents;
    const features = positionsOf(extents) * channels;
    this.#lines = [`program "random" nngp features ${features} positions ${extents.join('x')}`];
    this.#values(0, 'inner 0.5', 'inner 0.5', 'inner 0.5');
  }

  add(layer: Layer): void {
    const before = this.#extents.join();
    const bodies = this.#bodies(layer);
    if (bodies === undefined) return;
    this.#skip = this.#extents.join() === before ? this.#count : undefined;
    this.#values(++this.#count, ...bodies);
  }

  /** What the layer does to self, full and pair values; what it needs besides is written before. */
  #bodies({ kind, seed, sizes }: Layer): Bodies | undefined {
    const i = this.#count;
    const [q, f, k] = [`q${i}`, `f${i}`, `k${i}`];
    const next = numbers(seed);
    switch (kind) {
      case 'shift': {
        const axes = this.#extents.map((n, a) => reads(n, sizes[a] as readonly [number, number], next));
        this.#extents = axes.map((axis) => axis[0]?.length ?? 0);
        const text = (of: string) => `shiftSum ${of} scale 0.7 axes ${JSON.stringify(axes)}`;
        return [text(q), text(f), text(k)];
      }
      case 'linear': {
        const axes = this.#extents.map((n, a) => rows(n, sizes[a]?.[1] ?? 1, next));
        this.#extents = axes.map((axis) => axis.length);
        const text = (of: string) => `linear ${of} axes ${rowsText(axes)}`;
        return [text(f), text(f), text(k)];
      }
      case 'average': {
        this.#line('self', `m${i}`, `average ${q} axes ${rowsText(this.#extents.map((n) => rows(n, n, next)))}`);
        const ends = (v: string) => `map ${v}*(1 + m${i}_x)^(-1)*(1 + m${i}_y)^(-1)`;
        return [`map ${q}*(1 + m${i})^(-2)`, ends(f), ends(k)];
      }
      case 'relu': {
        const root = (v: string) => `sqrt(1.5*${q}_x*${q}_y + 0.1 - ${v}^2)`;
        const kappa = (v: string) => `map 0.3*(${root(v)} + ${v}*(pi - atan2(${root(v)}, ${v})))`;
        return [`map 0.5*${q} + 0.1`, `${kappa(f)} diagonal q${i + 1}`, kappa(k)];
      }
      case 'series': {
        this.#line('self', `e${i}`, `expand ${q} phi erf(x) + x dphi 1 kinks [] tolerance 1e-12 degree 64`);
        const dual = (v: string) => `dual e${i} ${v} order 0`;
        return [dual(q), `${dual(f)} diagonal q${i + 1}`, dual(k)];
      }
      case 'local':
        return [`map ${q}`, `onlyDiagonal ${f}`, `onlyDiagonal ${k}`];
      case 'softmax':
        return this.#contract(`softmax ${f}`);
      case 'pattern':
        return this.#extents.join() === this.#input.join() ? this.#contract('pattern') : undefined;
      case 'present': {
        if (this.#extents.join() !== this.#input.join()) return;
        this.#line('self', `m${i}`, 'present');
        const ends = (v: string) => `map m${i}_x*m${i}_y*${v}`;
        return [`map m${i}*${q}`, ends(f), ends(k)];
      }
      case 'residual': {
        const sum = (v: string) => `map ${v}${i} + 0.5*${v}${this.#skip}`;
        return this.#skip === undefined ? undefined : [sum('q'), sum('f'), sum('k')];
      }
    }
  }

  /** The text of the program, whose kernel is a sum over p = p' or over all (p, p'). */
  finish(over: Span): string {
    const i = this.#count;
    return [
      ...this.#lines,
      `self end = reduce ${over === 'all' ? 'f' : 'q'}${i} over ${over} scale 0.5`,
      `pair value = reduce k${i} over ${over} scale 0.5`,
      'output nngp = 2*value diagonal 2*end',
    ].join('\n');
  }

  #contract(matrix: string): Bodies {
    const i = this.#count;
    this.#line('full', `m${i}`, matrix);
    const text = (of: string) => `contract ${of} matrix m${i}`;
    return [text(`f${i}`), text(`f${i}`), text(`k${i}`)];
  }

  #values(i: number, q: string, f: string, k: string): void {
    this.#line('self', `q${i}`, q);
    this.#line('full', `f${i}`, f);
    this.#line('pair', `k${i}`, k);
  }

  #line(domain: Domain, name: string, body: string): void {
    this.#lines.push(`${domain} ${name} [${this.#extents.join('x')}${domain === 'pair' ? ' all' : ''}] = ${body}`);
  }
}

const rowsText = (axes: readonly LinearAxis[]) =>
  JSON.stringify(axes.map((axis) => axis.map(({ from, weights }) => [from, weights])));
