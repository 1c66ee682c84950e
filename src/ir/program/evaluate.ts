/**
 * A kernel program evaluated at one pair of inputs by walking its statements: slow, plain, and free of generated code.
 * Targets are compared with it.
 */
import { dualActivation, type SampleExpansion } from '../gaussian/index.ts';
import { compileScalar, type Expr, symbols } from '../scalar/index.ts';
import { type Expand, type Program, resolve, type Statement } from './program.ts';

type Engine = ReturnType<typeof dualActivation>;

/** Values at one sample: numbers, and expansions by name. */
interface Sample {
  readonly values: ReadonlyMap<string, number>;
  readonly expansions: ReadonlyMap<string, { readonly engine: Engine; readonly sample: SampleExpansion }>;
}

/**
 * Every output of the program for inputs x and y (each [features]), by name; `y` undefined takes the diagonal (x, x).
 */
export function evaluateProgram(
  program: Program,
  x: readonly number[],
  y?: readonly number[],
  weights: readonly number[] = program.weights.map((w) => w.value),
): ReadonlyMap<string, number> {
  const mu = new Map(program.weights.map((w, i) => [w.name, weights[i] as number]));
  const a = sampleAt(program, x, mu);
  if (y === undefined) return new Map(program.outputs.map((o) => [o.name, numberAt(o.self, (s) => a.values.get(s))]));
  const b = sampleAt(program, y, mu);
  const here = new Map(mu);
  const read = (symbol: string) => {
    const { name, at } = resolve(symbol);
    return at === 'here' ? here.get(name) : (at === 'x' ? a : b).values.get(name);
  };
  for (const s of program.statements) if (s.domain === 'pair') here.set(s.name, pairValue(s, x, y, a, b, read));
  return new Map(program.outputs.map((o) => [o.name, numberAt(o.pair, read)]));
}

const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, c) => sum + v * (y[c] as number), 0);

function numberAt(e: Expr, read: (symbol: string) => number | undefined): number {
  const names = symbols(e);
  return compileScalar(e, names)(...names.map((n) => read(n) as number));
}

function sampleAt(program: Program, x: readonly number[], mu: ReadonlyMap<string, number>): Sample {
  const values = new Map(mu);
  const expansions = new Map<string, { engine: Engine; sample: SampleExpansion }>();
  for (const s of program.statements) {
    if (s.domain !== 'self') continue;
    if (s.kind === 'inner') values.set(s.name, s.scale * dot(x, x));
    else if (s.kind === 'map')
      values.set(
        s.name,
        numberAt(s.expr, (n) => values.get(n)),
      );
    else if (s.kind === 'expand') {
      const engine = engineOf(s);
      expansions.set(s.name, { engine, sample: engine.prepare(Float64Array.of(values.get(s.variance) as number)) });
    } else {
      const { engine } = expansions.get(s.expansion) as { engine: Engine };
      const q = values.get(s.covariance) as number;
      values.set(s.name, s.order === 0 ? engine.selfKappa(q) : engine.selfDotKappa(q));
    }
  }
  return { values, expansions };
}

const engineOf = ({ phi, dphi, kinks, tolerance, maxDegree }: Expand): Engine =>
  dualActivation({ phi: compileScalar(phi, ['x']), dphi: compileScalar(dphi, ['x']), kinks, tolerance, maxDegree });

function pairValue(
  s: Statement,
  x: readonly number[],
  y: readonly number[],
  a: Sample,
  b: Sample,
  read: (symbol: string) => number | undefined,
): number {
  if (s.kind === 'inner') return s.scale * dot(x, y);
  if (s.kind === 'map') return numberAt(s.expr, read);
  if (s.kind === 'expand') throw new Error('ntkc bug: an expansion of a pair');
  const [p, r] = [a.expansions.get(s.expansion), b.expansions.get(s.expansion)];
  if (p === undefined || r === undefined) throw new Error(`ntkc bug: ${s.expansion} is not expanded`);
  const k = read(s.covariance) as number;
  return s.order === 0 ? p.engine.kappa(p.sample, 0, r.sample, 0, k) : p.engine.dotKappa(p.sample, 0, r.sample, 0, k);
}
