import { NtkcError } from '../errors.ts';
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
          : `${count}, one for each of ${program.weights.map((w) => w.path).join(', ')}`,
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
