/** Functions that emitted modules call, as JavaScript text. */
import { erfSource } from '../../targets/reference/engine.generated.ts';
import {
  blockOfSource,
  mappedSource,
  multiplySource,
  permutedSource,
  placeSource,
  withColumnSource,
} from './tensors.generated.ts';

interface Helper {
  readonly summary: string;
  readonly source: readonly string[];
}

const requireLengthSource = [
  'function requireLength(name, values, length) {',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a template
  '  if (values?.length !== length) throw new RangeError(`${name}: ${values?.length ?? "no"} numbers instead of ${length}`);',
  '}',
];

const helpers: Readonly<Record<string, Helper>> = {
  requireLength: {
    summary: 'Throws unless there are as many numbers as the network and the samples have.',
    source: requireLengthSource,
  },
  multiply: {
    summary:
      'out[q r c] = Σ_i a[q r i]·b[q c i], row-major. Tiled two rows by four columns; the last tile repeats its last.',
    source: multiplySource,
  },
  permuted: { summary: 'The row-major tensor with axis order[k] as its axis k.', source: permutedSource },
  blockOf: { summary: 'Positions from .. from + size − 1 of one axis of a tensor.', source: blockOfSource },
  place: { summary: 'Writes a block of one axis into the whole.', source: placeSource },
  mapped: { summary: 'f at every entry.', source: mappedSource },
  withColumn: { summary: 'h[n width] with one more column that holds `value`.', source: withColumnSource },
  erf: { summary: 'The error function.', source: erfSource },
};

/** Each of these functions under what it does; names that are none of them are left out. */
export const helperLines = (names: ReadonlySet<string>): readonly string[] =>
  Object.entries(helpers).flatMap(([name, { summary, source }]) =>
    names.has(name) ? ['', `/** ${summary} */`, ...readable(source)] : [],
  );

const readable = (source: readonly string[]): readonly string[] =>
  source.filter((line) => !line.startsWith('// src/')).map((line) => line.replaceAll('\t', '  '));
