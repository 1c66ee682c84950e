import { z } from 'zod';
import { NtkcError } from '../../errors.ts';
import { shapeText } from '../../ir/arch/index.ts';
import type { ShiftAxis } from '../../ir/program/index.ts';
import { add, mul } from '../../ir/scalar/index.ts';
import { count, real, std } from '../fields.ts';
import { formulaActivation, readFormula } from '../formula.ts';
import { defineOp, type Kernel, type KernelBuilder } from '../op.ts';

const fields = {
  expr: z.string().min(1).default('tanh(x)'),
  tolerance: z.number().positive().max(0.1).default(1e-10),
  wStd: std.default(1),
  inputStd: std.default(1),
  bStd: std.default(0),
  width: count.optional(),
  ntkWeight: real.default(1),
};
const longest = 200;

/**
 * A plain recurrent layer, its weights the same at every time: u_t = (wStd/√m) W φ(u_{t−1}) + (inputStd/√d) V x_t + bStd b,
 * φ(u_0) = 0. Its output is the sequence u_t, Gaussian: index picks a time. Between times t and t' of two sequences
 * K_tt' = wStd² κ(K_{t−1,t'−1}) + inputStd² X_tt' + bStd², T_tt' = wStd² κ̇ T_{t−1,t'−1} + K_tt'.
 * @eq alemohammad2021 (recursion of the recurrent NTK)
 */
export const op = defineOp({
  name: 'rnn',
  alsoCalled: { recurrent: {} },
  summary: 'plain recurrent layer over a sequence, tied weights; its output is the pre-activations of all times',
  fields,
  shape: ({ expr, width }, [input = []]) => {
    readFormula(expr);
    const [length] = input;
    if (input.length !== 2 || length === undefined)
      throw new NtkcError({
        what: `its input, of shape ${shapeText(input)}, is no sequence`,
        expected: '[length, channels]',
      });
    if (length > longest)
      throw new NtkcError({ what: `a sequence of ${length} times`, expected: `at most ${longest}: each is a step` });
    return [length, width ?? Number.POSITIVE_INFINITY];
  },
  kernel: ({ expr, tolerance, wStd, inputStd, bStd, ntkWeight }, { extents: [length = 0] }) => {
    const activation = formulaActivation(expr, tolerance);
    const before: readonly ShiftAxis[] = [[Array.from({ length }, (_, t) => t - 1)]];
    const driven = (b: KernelBuilder, k: Kernel) => b.lift([k], (v) => mul(inputStd * inputStd, v));
    const recurred = (b: KernelBuilder, k: Kernel) => b.lift([b.shiftSum(k, 1, before)], (v) => mul(wStd * wStd, v));
    // K of the last step tells κ̇; this rule is of one layer, so it is remembered for the tangent kernels.
    let slope: Kernel | undefined;
    const carried = (b: KernelBuilder, t: Kernel) => {
      let all = t;
      let part = t;
      for (let step = 1; step < length; step++) {
        part = recurred(b, b.lift([part, slope as Kernel], mul));
        all = b.lift([all, part], add);
      }
      return all;
    };
    return {
      kind: 'linear',
      name: `recurrent, tied weights, ${length} times`,
      source: 'alemohammad2021 (recursion of the recurrent NTK)',
      nngp: (b, k) => {
        const start = b.lift([driven(b, k)], (v) => add(v, bStd * bStd));
        let now = start;
        // After step s all pairs of times of which one is at most s are right.
        for (let step = 1; step < length; step++)
          now = b.lift([recurred(b, b.activate(activation, now).kappa), start], add);
        slope = b.activate(activation, now).dotKappa;
        return now;
      },
      tangent: (b, t) => carried(b, driven(b, t)),
      parameter: { weight: ntkWeight, term: (b, _, after) => carried(b, after) },
    };
  },
  forward: (f, b, [input]) => {
    const width = f.width ?? b.defaultWidth;
    const bias = f.bStd > 0 ? { bias: { scale: f.bStd, std: 1 } } : {};
    const perInput = f.inputStd / Math.sqrt(b.widthOf(input as number));
    const driven = b.dense(input as number, { width, weightScale: perInput, weightStd: 1, ...bias });
    const [length = 0] = b.extentsOf(driven);
    const times = Array.from({ length }, (_, t) => b.patches(driven, [[[t]]]));
    const phi = readFormula(f.expr);
    const states = [times[0] as number];
    let shared: number | undefined;
    for (const drive of times.slice(1)) {
      // Read as by a window, so that nothing comes from a time that is masked.
      const hidden = b.patches(b.elementwise(states.at(-1) as number, phi), [[[0]]]);
      const recurred = b.dense(hidden, { width, weightScale: f.wStd / Math.sqrt(width), weightStd: 1 }, shared);
      shared ??= recurred;
      states.push(b.add([drive, recurred])); // masked where its own time is
    }
    return b.concat(states, 0);
  },
  examples: [{ expr: 'erf(x)', wStd: 1.2, inputStd: 0.9, bStd: 0.1 }],
  exampleInput: [4, 2],
});
