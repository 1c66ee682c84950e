/** Parameters of a finite network from a file. The file also gives the widths that the network leaves out. */
import { plural } from '../alignedTable.ts';
import { finiteNetwork } from '../derive/index.ts';
import { NtkcError } from '../errors.ts';
import type { Network } from '../ir/arch/index.ts';
import { positionsOf } from '../ir/program/index.ts';
import type { TensorProgram } from '../ir/tensor/tensorProgram.ts';
import type { ForwardBuilder, Op } from '../ops/op.ts';
import { vocabulary } from '../ops/vocabulary.ts';
import { type Parameters, parametersFromJson } from '../runtime/empirical/index.ts';
import { parseJson, readInput } from '../runtime/io/index.ts';
import { inFile } from './networkFile.ts';

/** @throws NtkcError naming the file and the path inside it, e.g. "[2].W[1][3]" */
export async function loadParameters(
  file: string,
  network: Network,
): Promise<{ readonly program: TensorProgram; readonly parameters: Parameters }> {
  const json = parseJson(readInput(file), file);
  return inFile(file, () => {
    const program = finiteNetwork(network, { width: 1, vocabulary: withWidths(rowsOfWeights(json)) });
    return { program, parameters: parametersFromJson(json, program) };
  });
}

/** Width of each parametrised layer: the number of rows of its W. */
function rowsOfWeights(json: unknown): readonly number[] {
  const expected = 'a list with an entry {"W": [[...]], "b": [...]} for each layer with parameters';
  if (!Array.isArray(json)) throw new NtkcError({ what: 'parameters are not a list', expected });
  const entries: readonly unknown[] = json;
  return entries.map((entry, layer) => {
    const W: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'W') : undefined;
    if (Array.isArray(W) && W.length > 0) return W.length;
    throw new NtkcError({ what: 'W is not a list of rows', where: `[${layer}].W`, expected: '[[...], ...]' });
  });
}

/** The ops, where layer l of those with parameters is widths[l] wide if it declares nothing else. */
function withWidths(widths: readonly number[]): ReadonlyMap<string, Op> {
  let layers = 0;
  const watched = (builder: ForwardBuilder): ForwardBuilder => {
    const own: Pick<ForwardBuilder, 'defaultWidth' | 'dense'> = {
      get defaultWidth() {
        const width = widths[layers];
        if (width !== undefined) return width;
        throw new NtkcError({
          what: `parameters for ${plural(widths.length, 'layer')} only`,
          expected: 'an entry for each layer of the network with parameters, also for this one',
        });
      },
      dense: (input, spec, sharedWith) => {
        if (sharedWith !== undefined) return builder.dense(input, spec, sharedWith);
        const isDefault = spec.width === widths[layers];
        layers += 1;
        // Its rows are those of every position.
        const positions = spec.perPosition && isDefault ? positionsOf(builder.extentsOf(input)) : 1;
        return builder.dense(input, { ...spec, width: Math.ceil(spec.width / positions) });
      },
    };
    return new Proxy(builder, {
      get: (target, name) => {
        if (Object.hasOwn(own, name)) return Reflect.get(own, name);
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  const widened = ({ forward, ...op }: Op): Op =>
    forward === undefined ? op : { ...op, forward: (fields, b, inputs) => forward(fields, watched(b), inputs) };
  return new Map([...vocabulary].map(([name, op]) => [name, widened(op)]));
}
