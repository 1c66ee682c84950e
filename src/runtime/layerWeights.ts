import { listed, NtkcError } from '../errors.ts';
import type { Program } from '../ir/program/index.ts';

/**
 * The layer weights to run a program with: its defaults, or those given.
 * @throws NtkcError when their number differs from the program's, or one is not a finite number
 */
export function checkedWeights(program: Program, given?: readonly number[]): readonly number[] {
  if (given === undefined) return program.weights.map((w) => w.value);
  const count = program.weights.length;
  if (given.length !== count)
    throw new NtkcError({
      what: `${given.length} layer weights for a kernel with ${count}`,
      expected:
        count === 0
          ? 'none: only the weighted NTK (wntk) has layer weights'
          : `${count}, one for each of ${layersOf(program)}`,
    });
  const wrong = given.findIndex((w) => !Number.isFinite(w));
  if (wrong >= 0)
    throw new NtkcError({
      what: `layer weight ${given[wrong]} is not a finite number`,
      where: `layer weight ${wrong + 1}`,
      expected: 'a finite number',
    });
  return given;
}

/** Layers with weights, each once: "layers[0], layers[1].layers[0] (20 times) and layers[2]". */
function layersOf({ weights }: Program): string {
  const times = new Map<string, number>();
  for (const { path } of weights) times.set(path, (times.get(path) ?? 0) + 1);
  const all = [...times].map(([path, n]) => (n === 1 ? path : `${path} (${n} times)`));
  const shown = all.length > mostShown ? [...all.slice(0, mostShown - 2), '...', all.at(-1) as string] : all;
  return listed(shown);
}

const mostShown = 8;
