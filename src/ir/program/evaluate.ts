/**
 * A kernel program evaluated at one pair of inputs by walking its statements: slow, plain, and free of generated code.
 * Targets are compared with it.
 */
import { dualActivation, type SampleExpansion } from '../gaussian/index.ts';
import { compileScalar, type Expr, symbols } from '../scalar/index.ts';
import { type Dual, type Expand, type MovingStatement, type Program, resolve, type Statement } from './program.ts';
import { positionsOf } from './spatial.ts';
import { at, fill, spatialValue, type Value } from './spatialValue.ts';

type Engine = ReturnType<typeof dualActivation>;

/** An input: its numbers, [...extents, channels] row-major, and the pattern over its positions if it comes with one. */
export interface Sample {
  readonly x: readonly number[];
  /** [p p'], row-major. */
  readonly pattern?: readonly number[];
  /** For masked networks: 1 for each position that is there, 0 for the others, where x is 0. */
  readonly present?: readonly number[];
}

/** Values at one sample: self and full ones, and expansions by name, whose samples are the positions. */
interface Known {
  readonly sample: Sample;
  readonly values: Map<string, Value>;
  readonly expansions: Map<string, { readonly engine: Engine; readonly at: SampleExpansion }>;
}

/**
 * Every output of the program for two inputs, by name; `y` undefined takes the diagonal (x, x).
 */
export function evaluateProgram(
  program: Program,
  x: readonly number[] | Sample,
  y?: readonly number[] | Sample,
  weights: readonly number[] = program.weights.map((w) => w.value),
): ReadonlyMap<string, number> {
  const mu = new Map(program.weights.map((w, i) => [w.name, { data: Float64Array.of(weights[i] as number) }]));
  const a = knownAt(program, asSample(x), mu);
  if (y === undefined)
    return new Map(program.outputs.map((o) => [o.name, numberAt(o.self, (s) => a.values.get(s)?.data[0])]));
  const b = knownAt(program, asSample(y), mu);
  const here = new Map<string, Value>(mu);
  for (const s of program.statements) if (s.domain === 'pair') here.set(s.name, pairValue(s, program, a, b, here));
  return new Map(program.outputs.map((o) => [o.name, numberAt(o.pair, (s) => readPair(s, a, b, here)(0, 0))]));
}

const asSample = (x: readonly number[] | Sample): Sample => ('x' in x ? x : { x });

function numberAt(e: Expr, read: (symbol: string) => number | undefined): number {
  const names = symbols(e);
  return compileScalar(e, names)(...names.map((n) => read(n) as number));
}

/** Σ_c x[p c]·y[r c] */
function inner(
  { features, extents }: Program,
  x: readonly number[],
  p: number,
  y: readonly number[],
  r: number,
): number {
  const channels = features / positionsOf(extents);
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += (x[p * channels + c] as number) * (y[r * channels + c] as number);
  return sum;
}

/** Reads a symbol at a pair of positions. */
type Read = (symbol: string) => (p: number, r: number) => number;

/** A map cell by cell. */
function mapped(s: Extract<Statement, { kind: 'map' }>, read: Read): Value {
  const names = symbols(s.expr);
  const f = compileScalar(s.expr, names);
  const readers = names.map(read);
  return fill(s.grid, (p, r) => f(...readers.map((get) => get(p, r))));
}

function knownAt(program: Program, sample: Sample, mu: ReadonlyMap<string, Value>): Known {
  const known: Known = { sample, values: new Map(mu), expansions: new Map() };
  for (const s of program.statements) {
    if (s.kind === 'expand') expandAt(s, known);
    else if (s.domain === 'self') known.values.set(s.name, selfValue(s, program, known));
    else if (s.domain === 'full') known.values.set(s.name, withDiagonal(s, fullValue(s, program, known), known));
  }
  return known;
}

function expandAt(s: Expand, { values, expansions }: Known): void {
  const { phi, dphi, kinks, tolerance, maxDegree } = s;
  const functions = { phi: compileScalar(phi, ['x']), dphi: compileScalar(dphi, ['x']) };
  const engine = dualActivation({ ...functions, kinks, tolerance, maxDegree });
  expansions.set(s.name, { engine, at: engine.prepare((values.get(s.variance) as Value).data) });
}

/** @throws Error for a value that no statement before gives */
function valueNamed(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`ntkc bug: ${name} is read before it is defined`);
  return value;
}

function selfValue(s: Exclude<Statement, Expand>, program: Program, { sample, values, expansions }: Known): Value {
  const get = (name: string) => valueNamed(values, name);
  switch (s.kind) {
    case 'inner':
      return fill(s.grid, (p) => s.scale * inner(program, sample.x, p, sample.x, p));
    case 'map':
      return mapped(s, (name) => (p, r) => at(get(name), p, r));
    case 'dual': {
      const { engine } = expansions.get(s.expansion) as { engine: Engine };
      const q = get(s.covariance);
      return fill(s.grid, (p) => (s.order === 0 ? engine.selfKappa(at(q, p, p)) : engine.selfDotKappa(at(q, p, p))));
    }
    case 'present':
      return fill(s.grid, (p) => sample.present?.[p] ?? Number.NaN);
    case 'pattern':
      throw new Error('ntkc bug: a pattern is a full value');
    default:
      return spatialValue(s, matrices(s, get, get));
  }
}

function fullValue(s: Exclude<Statement, Expand>, program: Program, { sample, values, expansions }: Known): Value {
  const get = (name: string) => valueNamed(values, name);
  switch (s.kind) {
    case 'inner':
      return fill(s.grid, (p, r) => s.scale * inner(program, sample.x, p, sample.x, r));
    case 'map':
      return mapped(s, (symbol) => {
        const { name, at: end } = resolve(symbol);
        if (end === 'here') return (p, r) => at(get(name), p, r);
        return end === 'x' ? (p) => at(get(name), p, p) : (_, r) => at(get(name), r, r);
      });
    case 'dual': {
      const e = expansions.get(s.expansion) as { engine: Engine; at: SampleExpansion };
      return dualValue(s, get(s.covariance), e, e);
    }
    case 'pattern':
      return fill(s.grid, (p, r) => sample.pattern?.[p * positionsOf(program.extents) + r] ?? Number.NaN);
    case 'present':
      throw new Error('ntkc bug: what is present is a self value');
    default:
      return spatialValue(s, matrices(s, get, get));
  }
}

/** Where p = p' a full value may be known analytically, as a self value. */
function withDiagonal(s: Statement, value: Value, { values }: Known): Value {
  if ((s.kind !== 'map' && s.kind !== 'dual') || s.diagonal === undefined) return value;
  const self = valueNamed(values, s.diagonal);
  return fill(value.grid, (p, r) => (p === r ? at(self, p, p) : at(value, p, r)));
}

function pairValue(s: Statement, program: Program, a: Known, b: Known, here: ReadonlyMap<string, Value>): Value {
  const get = (name: string) => valueNamed(here, name);
  switch (s.kind) {
    case 'inner':
      return fill(s.grid, (p, r) => s.scale * inner(program, a.sample.x, p, b.sample.x, r));
    case 'map':
      return mapped(s, (symbol) => readPair(symbol, a, b, here));
    case 'dual': {
      const [x, y] = [a.expansions.get(s.expansion), b.expansions.get(s.expansion)];
      if (x === undefined || y === undefined) throw new Error(`ntkc bug: ${s.expansion} is not expanded`);
      return dualValue(s, get(s.covariance), x, y);
    }
    case 'expand':
    case 'pattern':
    case 'present':
      throw new Error(`ntkc bug: ${s.kind} of a pair`);
    default:
      return spatialValue(
        s,
        matrices(
          s,
          get,
          (name) => valueNamed(a.values, name),
          (name) => valueNamed(b.values, name),
        ),
      );
  }
}

const readPair = (symbol: string, a: Known, b: Known, here: ReadonlyMap<string, Value>) => {
  const { name, at: end } = resolve(symbol);
  if (end === 'x') return (p: number) => at(valueNamed(a.values, name), p, p);
  if (end === 'y') return (_: number, r: number) => at(valueNamed(b.values, name), r, r);
  return (p: number, r: number) => at(valueNamed(here, name), p, r);
};

type Expanded = { readonly engine: Engine; readonly at: SampleExpansion };

function dualValue({ order, grid }: Dual, k: Value, x: Expanded, y: Expanded): Value {
  return fill(grid, (p, r) =>
    order === 0 ? x.engine.kappa(x.at, p, y.at, r, at(k, p, r)) : x.engine.dotKappa(x.at, p, y.at, r, at(k, p, r)),
  );
}

/** What a statement reads: the value it transforms, and the matrices of a contraction. */
function matrices(
  s: MovingStatement,
  get: (name: string) => Value,
  left: (name: string) => Value,
  right: (name: string) => Value = left,
) {
  return { of: get(s.of), ...(s.kind === 'contract' && { left: left(s.matrix), right: right(s.matrix) }) };
}
