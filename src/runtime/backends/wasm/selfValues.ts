/** The self statements of a program at every sample of a batch. */
import { type DualActivation, dualActivation, expandMany, type SampleExpansion } from '../../../ir/gaussian/index.ts';
import { type Expand, type PointStatement, type Program, pointStatements } from '../../../ir/program/index.ts';
import { compileScalar, type Expr } from '../../../ir/scalar/index.ts';
import type { Inputs, Prepared } from '../../kernel.ts';
import { evaluateColumns } from './columns.ts';

/** Every self value by name, as the reference kernel's prepare leaves them: its tiles can read these. */
export type SelfValues = Prepared & Readonly<Record<string, Float64Array | SampleExpansion>>;

export function selfValues(program: Program, { data, n }: Inputs, weights: readonly number[]): SelfValues {
  const values: Record<string, Float64Array | SampleExpansion> = {};
  const all = { x: data, n, weights };
  for (const s of pointStatements(program, 'wasm'))
    if (s.domain === 'self') values[s.name] = statementAt(s, program, data, n, values, weights);
  return { ...values, ...all } as unknown as SelfValues;
}

type Values = Readonly<Record<string, Float64Array | SampleExpansion>>;

function statementAt(
  s: PointStatement,
  program: Program,
  x: Float64Array,
  n: number,
  values: Values,
  weights: readonly number[],
): Float64Array | SampleExpansion {
  switch (s.kind) {
    case 'inner':
      return Float64Array.from({ length: n }, (_, i) => s.scale * squaredNorm(x, i, program.features));
    case 'map':
      return atSamples([s.expr], n, values, program, weights)[0] as Float64Array;
    case 'expand':
      return expandMany(engineOf(s), values[s.variance] as Float64Array);
    case 'dual':
      return secondMoments(s, values);
  }
}

function squaredNorm(x: Float64Array, i: number, features: number): number {
  let sum = 0;
  for (let c = i * features; c < (i + 1) * features; c++) sum += (x[c] as number) ** 2;
  return sum;
}

const engineOf = ({ phi, dphi, kinks, tolerance, maxDegree }: Expand): DualActivation =>
  dualActivation({ phi: compileScalar(phi, ['x']), dphi: compileScalar(dphi, ['x']), kinks, tolerance, maxDegree });

/** E φ(u)² or E φ'(u)²: the expansion has them. */
function secondMoments({ expansion, order }: Extract<PointStatement, { kind: 'dual' }>, values: Values): Float64Array {
  const { value, slope } = values[expansion] as SampleExpansion;
  return (order === 0 ? value : (slope as SampleExpansion['value'])).second;
}

/** Expressions of self values and layer weights at every sample; one that is a self value is that array. */
export function atSamples(
  exprs: readonly Expr[],
  n: number,
  values: Values,
  program: Program,
  weights: readonly number[],
): readonly Float64Array[] {
  const known = (e: Expr) => (e.kind === 'sym' && values[e.name] instanceof Float64Array ? values[e.name] : undefined);
  const columnOf = (name: string) =>
    (values[name] as Float64Array | undefined) ?? weights[program.weights.findIndex((w) => w.name === name)] ?? 0;
  const fresh = [...new Set(exprs.filter((e) => known(e) === undefined))];
  const columns = evaluateColumns(fresh, n, columnOf);
  const computed = new Map(fresh.map((e, at) => [e, columns[at]]));
  return exprs.map((e) => (known(e) ?? computed.get(e)) as Float64Array);
}
