import { NtkcError } from '../errors.ts';
import { type Network, shapeText } from '../ir/arch/index.ts';
import { loadArray } from '../runtime/io/index.ts';
import type { Inputs } from '../runtime/kernel.ts';

/** Samples one by one. */
export function inputRows({ data, n }: Inputs): readonly Float64Array[] {
  const features = data.length / n;
  return Array.from({ length: n }, (_, i) => data.subarray(i * features, (i + 1) * features));
}

/** Inputs [n, ...shape] of the network's shape. @throws NtkcError naming the file */
export function loadInputs(file: string, network: Network, netFile: string): Inputs {
  const { data, shape } = loadArray(file);
  const [n = 0, ...sample] = shape;
  const wanted = network.input.shape;
  if (sample.length === wanted.length && sample.every((size, i) => size === wanted[i])) return { data, n };
  throw new NtkcError({
    what: `the inputs have the shape ${shapeText(shape)}`,
    where: file,
    expected: `[n, ${wanted.join(', ')}]: the input.shape of ${netFile} is ${shapeText(wanted)}`,
  });
}
