import { describe, expect, it } from 'vitest';
import { parseProgram } from '../../../ir/program/index.ts';
import { planSpatial, type SpatialPlan, spatialCost } from './index.ts';

const window = '[[-1,0,1,2],[0,1,2,3],[1,2,3,-1]]';

/** Two convolutions on 4 x 4 pixels with a squaring between, and the mean over pairs of pixels or over pixels. */
const program = (span: 'all' | 'diagonal') =>
  parseProgram(`program "two" nngp features 32 positions 4x4
self q0 [4x4] = inner 0.5
full f0 [4x4] = inner 0.5
pair s0 [4x4 ${span}] = inner 0.5
self q0Conv [4x4] = shiftSum q0 scale 0.1 axes [${window},${window}]
full f0Conv [4x4] = shiftSum f0 scale 0.1 axes [${window},${window}]
pair s0Conv [4x4 ${span}] = shiftSum s0 scale 0.1 axes [${window},${window}]
self q1 [4x4] = map q0Conv^4
full f1 [4x4] = map f0Conv^2*q0Conv_x*q0Conv_y
pair s1 [4x4 ${span}] = map s0Conv^2*q0Conv_x*q0Conv_y
pair s1Conv [4x4 ${span}] = shiftSum s1 scale 0.1 axes [${window},${window}]
pair s2 [4x4 ${span}] = map 2*s1Conv + 0.01
self m = reduce ${span === 'all' ? 'f1 over all' : 'q1 over diagonal'} scale 1
pair r = reduce s2 over ${span} scale 1
output nngp = r + m_x diagonal m
`);

const stepsOf = ({ pair }: SpatialPlan) =>
  pair.stages.map(({ flat, sweeps }) => [flat.length, sweeps.map((s) => s.steps.length)]);

describe('the plan of a spatial program', () => {
  it('has a pass for each convolution, with the window as loads and the last sum fused', () => {
    const plan = planSpatial(program('diagonal')) as SpatialPlan;
    expect(stepsOf(plan)).toEqual([[3, []]]);
    const [first, second, third] = plan.pair.passes;
    expect(first?.stores).toEqual([{ kind: 'array', array: 's0' }]);
    expect([...(second?.loads.values() ?? [])].filter((l) => l.kind === 'array')).toHaveLength(9);
    expect(third?.stores).toEqual([{ kind: 'sum', name: 'r' }]);
  });

  it('visits pairs of positions one difference at a time, and keeps none', () => {
    const plan = planSpatial(program('all')) as SpatialPlan;
    expect(stepsOf(plan)).toEqual([[0, [3]]]);
    expect(plan.buffers.every((layout) => !layout.kept)).toBe(true);
    // The rows of one difference, 4 x 4 pairs of columns each with borders: 4 rows, not 4 x 4.
    expect(Math.max(...plan.buffers.map((layout) => layout.size))).toBeLessThan(4 * 25 * 2);
    expect(plan.diagonal.stages[0]?.sweeps[0]?.isHalf).toBe(true);
  });

  it('puts into the record of a sample what pairs read of it, and its numbers', () => {
    const plan = planSpatial(program('diagonal')) as SpatialPlan;
    expect([...plan.sampleRecord.arrays.keys()]).toEqual(['x.0', 'x.1', 'q0Conv']);
    expect([...plan.sampleRecord.numbers.keys()]).toEqual(['m']);
  });

  it('sums large windows one axis after the other', () => {
    const wide = `[${Array.from({ length: 5 }, (_, o) => `[${[0, 1, 2, 3].map((p) => (p + o - 2 >= 0 && p + o - 2 < 4 ? p + o - 2 : -1))}]`)}]`;
    const text = `program "wide" nngp features 16 positions 4x4
self q [4x4] = inner 1
pair s [4x4 diagonal] = inner 1
pair c [4x4 diagonal] = shiftSum s scale 0.04 axes [${wide},${wide}]
self m = reduce q over diagonal scale 1
pair r = reduce c over diagonal scale 1
output nngp = r diagonal m
`;
    const plan = planSpatial(parseProgram(text)) as SpatialPlan;
    const taps = plan.pair.passes.map((p) => [...p.loads.values()].filter((l) => l.kind === 'array').length);
    expect(taps).toEqual([0, 5, 5]);
  });

  it('brings matrices of samples to their records, for contractions', () => {
    const graph = parseProgram(`program "graph" nngp features 4 positions 2x2
full a [2x2] = pattern
full k [2x2] = inner 1
pair s [2x2 all] = inner 1
self q [2x2] = contract k matrix a
pair c [2x2 diagonal] = contract s matrix a
self m = reduce q over diagonal scale 1
pair r = reduce c over diagonal scale 1
output nngp = r diagonal m
`);
    const plan = planSpatial(graph) as SpatialPlan;
    expect([...plan.sampleRecord.arrays.keys()]).toEqual(['x.0', 'given a', 'matrix a']);
    const [first, second] = plan.pair.stages;
    expect(first?.sweeps[0]?.steps.map((step) => step.kind)).toEqual(['pass', 'copy']);
    expect(first?.after.map((step) => step.kind)).toEqual(['contract']);
    expect(second?.flat.map((step) => step.kind)).toEqual(['sum']);
  });

  it('finds an angle again whose cosine is a bare window', () => {
    const text = `program "angle" nngp features 4 positions 4
self q [4] = inner 1
pair s [4 diagonal] = inner 1
self c [4] = shiftSum q scale 0.25 axes [${window}]
pair k [4 diagonal] = shiftSum s scale 0.25 axes [${window}]
pair root [4 diagonal] = map sqrt(c_x*c_y - k^2)
pair angle [4 diagonal] = map atan2(root, k)
self m = reduce c over diagonal scale 1
pair r = reduce angle over diagonal scale 1
output nngp = r diagonal m
`;
    const plan = planSpatial(parseProgram(text)) as SpatialPlan;
    const ops = plan.pair.passes[1]?.lanes.lanes.map((lane) => lane.op);
    expect(ops).toContain('angle');
    expect(ops?.filter((op) => op === 'sqrt' || op === 'div')).toEqual(['sqrt']);
  });

  it('has a cost: of one number a pair of positions, or a position', () => {
    const [all, diagonal] = (['all', 'diagonal'] as const).map((span) =>
      spatialCost(planSpatial(program(span)) as SpatialPlan, (lanes) => lanes),
    );
    // Inner products of 2 channels.
    expect([all?.innerFlops, diagonal?.innerFlops]).toEqual([4 * 256, 4 * 16]);
    expect(all?.fusedFlops).toBe(16 * (diagonal?.fusedFlops ?? 0));
    // 8 additions and what is done with the sum for each window.
    expect((diagonal?.fusedFlops ?? 0) / 16).toBeGreaterThan(2 * 8);
    expect(diagonal?.sampleValues).toBe(3 * 16);
  });

  it('has tables of coefficients for formulas, and a pass of their own for series', () => {
    const text = `program "expand" nngp features 2 positions 2
self q [2] = inner 1
pair s [2 diagonal] = inner 1
self e [2] = expand q phi tanh(x) dphi 1 kinks [] tolerance 1e-8 degree 64
self k [2] = dual e q order 0
pair c [2 diagonal] = dual e s order 0
self m = reduce k over diagonal scale 1
pair r = reduce c over diagonal scale 1
output nngp = r diagonal m
`;
    const plan = planSpatial(parseProgram(text)) as SpatialPlan;
    expect([...plan.sampleRecord.tables.keys()]).toEqual(['e.0']);
    expect(plan.diagonalRecord.tables.size).toBe(0);
    const kinds = (routine: SpatialPlan['pair']) => routine.stages.flatMap(({ flat }) => flat.map((s) => s.kind));
    expect(kinds(plan.sample)).toEqual(['pass', 'expand']);
    expect(kinds(plan.diagonal)).toEqual(['pass', 'expand', 'moment', 'sum']);
    expect(kinds(plan.pair)).toEqual(['pass', 'pass', 'patch', 'pass']);
    expect(spatialCost(plan, (lanes) => lanes).flopsPerCoefficient).toBe(3 * 2); // of one series at 2 positions
    expect([...(plan.pair.passes[1]?.series.keys() ?? [])]).toEqual(['e.0']);
  });
});
