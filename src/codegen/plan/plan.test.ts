import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import { evaluateLanes, printLanes } from '../../ir/loop/index.ts';
import { evaluateProgram, kernelNames } from '../../ir/program/index.ts';
import { evaluate } from '../../ir/scalar/index.ts';
import { dense, elementwise, gelu, network, relu } from '../../ops/vocabulary.ts';
import { networks } from '../../testing/index.ts';
import { innerProduct, planTile } from './index.ts';

const vector = (d: number, seed: number) => Array.from({ length: d }, (_, c) => Math.sin(seed + 2.3 * c));
const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, c) => sum + v * (y[c] as number), 0);

describe('a planned tile', () => {
  it('walked lane by lane gives what the program gives, for random networks', () => {
    fc.assert(
      fc.property(networks(), fc.constantFrom(...kernelNames), (net, kernel) => {
        const { program } = derive(net, kernel);
        const plan = planTile(program);
        const d = program.features;
        const [x, y] = [vector(d, 1), vector(d, 2)];
        const mu = Object.fromEntries(program.weights.map((w) => [w.name, w.value]));
        const at = (v: readonly number[], values: typeof plan.row) => {
          const selfs = selfValues(plan, v);
          return new Map(values.map((s) => [s.name, evaluate(s.expr, { ...selfs, ...mu })]));
        };
        const [row, column] = [at(x, plan.row), at(y, plan.column)];
        const got = evaluateLanes(plan.lanes, {
          row: (name) => row.get(name) as number,
          column: (name) => column.get(name) as number,
          pair: (name) => (name === innerProduct ? dot(x, y) : Number.NaN),
        });
        const want = evaluateProgram(program, x, y);
        program.outputs.forEach((o, k) => {
          const expected = want.get(o.name) as number;
          expect(Math.abs((got[k] as number) - expected)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(expected)));
        });
      }),
      { numRuns: 40 },
    );
  });

  it('takes out what belongs to one sample, and computes nothing twice', () => {
    const net = network({ input: { shape: [4] }, layers: [dense(), gelu(), dense()] });
    const { row, column, lanes } = planTile(derive(net, 'ntk').program);
    expect(row.map((v) => v.name)).toEqual(['q0', 'q0 + 1', '(q0 + 1)^(-0.5)', '(q0 + 1)^(-1)']);
    expect(column.map((v) => v.name)).toEqual(['q0', '(q0 + 1)^(-0.5)', '(q0 + 1)^(-1)']);
    expect(printLanes(lanes).match(/ sqrt | div /g)).toEqual([' sqrt ', ' div ']);
  });

  it('rounds a difference of products as written, so that it is 0 at equal inputs', () => {
    const net = network({ input: { shape: [4] }, layers: [dense(), relu(), dense()] });
    const text = printLanes(planTile(derive(net, 'nngp').program).lanes);
    expect(text).toMatch(/(%\d+) = mul (%\d+) \2\n(%\d+) = sub %\d+ \1\n/);
  });

  it('gives NaN beyond the correlation that a series reaches', () => {
    const net = network({ input: { shape: [1] }, layers: [dense(), elementwise('tanh(x)'), dense()] });
    const plan = planTile(derive(net, 'nngp').program);
    const series = () => [Float64Array.of(0, 1), Float64Array.of(0, 1)] as const;
    const at = (rho: number) =>
      evaluateLanes(plan.lanes, {
        row: (name) => (name.endsWith('limit') ? 0.9 : 1),
        column: () => 1,
        pair: () => rho,
        series,
      })[0];
    expect(at(0.5)).toBe(0.5);
    expect(at(-0.91)).toBeNaN();
  });
});

/** Self values of a sample by walking the program's self statements; closed forms only. */
function selfValues(plan: ReturnType<typeof planTile>, x: readonly number[]): Record<string, number> {
  const values: Record<string, number> = Object.fromEntries(plan.program.weights.map((w) => [w.name, w.value]));
  for (const s of plan.program.statements) {
    if (s.domain !== 'self') continue;
    if (s.kind === 'inner') values[s.name] = s.scale * dot(x, x);
    else if (s.kind === 'map') values[s.name] = evaluate(s.expr, values);
  }
  return values;
}
