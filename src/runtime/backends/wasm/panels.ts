/** Prepared inputs in the layout of the tile module. */
import type { TilePlan } from '../../../codegen/plan/index.ts';
import type { SampleExpansion } from '../../../ir/gaussian/index.ts';
import type { Inputs, Prepared } from '../../kernel.ts';
import type { Numbers, Panels, RowPanel, TileShape } from './engine.ts';
import { atSamples, type SelfValues } from './selfValues.ts';

/** Inputs ready for tiles, from either side. */
export interface WasmPrepared extends Prepared {
  readonly inputs: Inputs;
  /** For pairs that tiles leave to the reference kernel. */
  readonly selfs: SelfValues;
  /** diagonal[k][n], analytic. */
  readonly diagonal: readonly Float64Array[];
  readonly rowValues: readonly Float64Array[];
  readonly columnValues: readonly Float64Array[];
  /** Panels that were made, by what they depend on. */
  readonly made: Map<string, RowPanel>;
}

export function prepareInputs(
  plan: TilePlan,
  inputs: Inputs,
  selfs: SelfValues,
  layerWeights: readonly number[],
): WasmPrepared {
  const { program, row, column } = plan;
  const { outputs } = program;
  const exprs = [...outputs.map((o) => o.self), ...row.map((v) => v.expr), ...column.map((v) => v.expr)];
  const values = atSamples(exprs, inputs.n, selfs, program, layerWeights);
  return {
    n: inputs.n,
    inputs,
    selfs,
    diagonal: values.slice(0, outputs.length),
    rowValues: values.slice(outputs.length, outputs.length + row.length),
    columnValues: values.slice(outputs.length + row.length),
    made: new Map(),
  };
}

/** The two sides for the module, made once for each pair of prepared inputs and reused tile by tile. */
export function panelsOf(
  plan: TilePlan,
  shape: TileShape,
  a: WasmPrepared,
  b: WasmPrepared,
  symmetric: boolean,
): Panels {
  const parts = plan.series.map(
    ({ expansion, order }) => [partOf(a, expansion, order), partOf(b, expansion, order)] as const,
  );
  const degrees = parts.map(([x, y]) => Math.min(x.degree, y.degree));
  const limits = parts.map(([x, y], s) => limitOf(x, y, degrees[s] as number, plan.series[s]?.tolerance ?? 0));
  const rows = once(a, `rows ${shape.elementBytes} ${degrees} ${limits}`, () =>
    panel(a, shape, shape.rowGroup, {
      values: [...a.rowValues, ...limits.map((limit) => new Float64Array(a.n).fill(limit))],
      series: parts.map(([x], s) => descending(x, degrees[s] as number)),
    }),
  );
  const columns = once(b, `columns ${shape.elementBytes} ${degrees}`, () =>
    panel(b, shape, shape.columnChunk, {
      values: b.columnValues,
      series: parts.map(([, y], s) => descending(y, degrees[s] as number)),
    }),
  );
  return { rows, columns, degrees, symmetric };
}

function once(prepared: WasmPrepared, key: string, make: () => RowPanel): RowPanel {
  const known = prepared.made.get(key) ?? make();
  prepared.made.set(key, known);
  return known;
}

type Part = SampleExpansion['value'];
const partOf = ({ selfs }: WasmPrepared, expansion: string, order: 0 | 1): Part => {
  const { value, slope } = selfs[expansion] as SampleExpansion;
  return order === 0 ? value : (slope as Part);
};
/** How far past 1 a correlation may be from rounding: as the reference allows. */
const slack = 1 + 1e-5;

/** @derived |Σ_{p≥P} a_p a'_p ρ^p| ≤ |ρ|^P √(tail·tail') ≤ tolerance·√(second·second') (Cauchy–Schwarz), for the worst samples. */
function limitOf(x: Part, y: Part, degree: number, tolerance: number): number {
  const left = Math.sqrt(worstTail(x, degree) * worstTail(y, degree));
  return left <= tolerance ? slack : (tolerance / left) ** (1 / degree);
}

/** The largest part of E φ² beyond the first `degree` coefficients, relative. */
function worstTail({ tails, second, coefficients, degree: all }: Part, degree: number): number {
  let worst = 0;
  for (let i = 0; i < tails.length; i++) {
    let tail = tails[i] as number;
    for (let p = degree; p < all; p++) tail += (coefficients[i * all + p] as number) ** 2;
    if (tail > 0) worst = Math.max(worst, tail / (second[i] as number));
  }
  return worst;
}

/** The first `degree` coefficients of each sample, highest first. */
const descending = ({ coefficients, degree: all }: Part, degree: number): Source => ({
  data: coefficients,
  rowStride: all,
  start: degree - 1,
  step: -1,
  count: degree,
});

/** Numbers of each sample: the v-th of sample i is data[i·rowStride + start + v·step], v < count. */
interface Source {
  readonly data: Float64Array;
  readonly rowStride: number;
  readonly start: number;
  readonly step: 1 | -1;
  readonly count: number;
}

interface Sources {
  readonly values: readonly Float64Array[];
  readonly series: readonly Source[];
}

function panel({ n, inputs }: WasmPrepared, shape: TileShape, unit: number, { values, series }: Sources): RowPanel {
  const layout = { n, unit, byColumn: unit === shape.columnChunk, elementBytes: shape.elementBytes };
  const features = inputs.data.length / n;
  const x = { data: inputs.data, rowStride: features, start: 0, step: 1, count: features } as const;
  return {
    n,
    x: packed(layout, shape.depth, [x]),
    values: packed(
      layout,
      values.length,
      values.map((data) => ({ data, rowStride: 1, start: 0, step: 1, count: 1 })),
    ),
    series: series.map((s) => packed(layout, s.count, [s])),
  };
}

interface Layout {
  readonly n: number;
  /** Samples of a group: rows of a group lie sample by sample, columns number by number. */
  readonly unit: number;
  readonly byColumn: boolean;
  readonly elementBytes: number;
}

/** The sources one after another, `width` numbers a sample. Padding repeats the last sample, as harmless as any. */
function packed({ n, unit, byColumn, elementBytes }: Layout, width: number, sources: readonly Source[]): Numbers {
  const padded = Math.ceil(n / unit) * unit;
  const bytes = bytesOf(elementBytes * padded * width);
  const out = elementBytes === 8 ? new Float64Array(bytes) : new Float32Array(bytes);
  let at = 0;
  for (const { data, rowStride, start, step, count } of sources) {
    const isCopy = !byColumn && step === 1 && rowStride === width && count === width;
    if (isCopy) out.set(data);
    for (let i = isCopy ? n : 0; i < padded; i++) {
      let from = Math.min(i, n - 1) * rowStride + start;
      let to = byColumn ? (i - (i % unit)) * width + (i % unit) + at * unit : i * width + at;
      for (let v = 0; v < count; v++) {
        out[to] = data[from] as number;
        from += step;
        to += byColumn ? unit : 1;
      }
    }
    at += count;
  }
  return out;
}

const bytesOf = (length: number): ArrayBufferLike =>
  typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(length) : new SharedArrayBuffer(length);
