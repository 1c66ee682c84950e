import { NtkcError } from '../../errors.ts';
import { defineOp } from '../op.ts';
import { requirePositions } from '../positions.ts';
import { fields } from './fields.ts';
import { attend } from './finite.ts';
import { linearRule, sqrtRule } from './kernel.ts';

/**
 * z = (outStd/√width) W_o [heads] + bStd b, a head being ζ(Q Kᵀ) V over all positions, its queries Q, keys K and values V
 * dense layers of the input, without biases, of gains queryStd, keyStd and valueStd.
 * Its neurons are Gaussian: they are sums over many neurons of values (linear scaling) or over many heads (square root).
 */
export const op = defineOp({
  name: 'selfAttention',
  alsoCalled: { attention: {} },
  summary: 'every position reads from all positions, by scores between them; with positional embeddings',
  fields,
  shape: ({ posEmb, posEmbWidth, width }, [input = []]) => {
    requirePositions(input, 'Give the sequence an axis of its own: [length, features].');
    if (posEmbWidth !== undefined && posEmb !== 'concat')
      throw new NtkcError({
        what: `posEmbWidth with posEmb ${JSON.stringify(posEmb)}`,
        where: '.posEmbWidth',
        expected: 'it with posEmb "concat" only: embeddings that are added are as wide as the input',
      });
    return [...input.slice(0, -1), width ?? Number.POSITIVE_INFINITY];
  },
  kernel: (f, context) => (f.scaling === 'linear' ? linearRule : sqrtRule)(f, context),
  forward: (f, b, [input]) => attend(f, b, input as number),
  examples: [
    { bStd: 0.2 },
    { mechanism: 'identity', scaling: 'sqrt', keyStd: 1.1, valueStd: 0.9, queryStd: 1.2, outStd: 1.3 },
    { mechanism: 'relu', posEmb: 'sum', posEmbStd: 0.5, posEmbDecay: 0.7, posEmbNorm: 1, posEmbValues: true },
    { mechanism: 'abs', posEmb: 'concat', posEmbStd: 1.5, bStd: 0.1 },
    { mechanism: 'identity', scaling: 'sqrt', posEmb: 'sum', posEmbStd: 0.5 },
  ],
  exampleInput: [3, 2],
});
