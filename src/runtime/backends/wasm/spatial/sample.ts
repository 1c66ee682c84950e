/** The inputs of a sample in its record. */
import { cellsOf, cellsOfPairs, type GivenArray, type SpatialSchedule } from './shape.ts';

/** One row of inputs. */
export interface Sample {
  /** Tells samples apart; the same for the same numbers only. */
  readonly key: number;
  /** Of all samples; this is the index-th. */
  readonly data: Float64Array;
  readonly index: number;
  readonly pattern?: Float64Array;
  readonly present?: Float64Array;
}

/** The input, channel by channel, at the start of a record, and what comes with it. */
export function loadSample(
  v: Float64Array,
  sample: Sample,
  record: number,
  { features, channels, inputLayout }: SpatialSchedule,
  given: readonly GivenArray[],
): void {
  const { data, index } = sample;
  const from = index * features;
  const step = Math.ceil(inputLayout.size / 8) * 8;
  const cells = cellsOf(inputLayout);
  for (let c = 0; c < channels; c++) {
    const to = record + c * step;
    for (let p = 0; p < cells.length; p++) v[to + (cells[p] as number)] = data[from + p * channels + c] as number;
  }
  for (const { name, at, layout } of given) loadGiven(v, sample, name, { at: record + at, layout }, cells.length);
}

/** The pattern of a sample, or which of its n positions it has. */
function loadGiven(
  v: Float64Array,
  sample: Sample,
  name: GivenArray['name'],
  { at, layout }: Pick<GivenArray, 'at' | 'layout'>,
  n: number,
): void {
  const count = name === 'pattern' ? n ** 2 : n;
  const numbers = sample[name]?.subarray(sample.index * count, (sample.index + 1) * count);
  if (numbers === undefined) throw new Error(`ntkc bug: the ${name} of a sample is missing`);
  if (name === 'present') {
    cellsOf(layout).forEach((cell, p) => {
      v[at + cell] = numbers[p] as number;
    });
    return;
  }
  const { rows, columns } = cellsOfPairs(layout);
  rows.forEach((row, p) => {
    columns.forEach((column, r) => {
      v[at + row + column] = numbers[p * n + r] as number;
    });
  });
}
