/** Values of the forward pass as tfjs calls. */
import { numberText } from '../../targets/tfjs/math.ts';
import { functionLines } from '../../targets/tfjs/statements.ts';
import type { ForwardSpelling, WeightShape } from '../forward.ts';

/** @param functions takes the activations and their derivatives, as functions */
export const spellForward = (functions: string[]): ForwardSpelling => ({
  dense: (name, { layer, weightScale, bias, width }, input, shape) => {
    const product = `tf.mul(tf.matMul(${input}, ${weightsText(shape)}, false, true), ${numberText(weightScale)})`;
    return [
      bias === undefined
        ? `const ${name} = ${product};`
        : `const ${name} = tf.add(${product}, tf.mul(biases(parameters, ${layer}, ${width}), ${numberText(bias.scale)}));`,
    ];
  },
  mapped: (name, formula, input) => {
    functions.push(...functionLines(`${name}Of`, formula));
    return [`const ${name} = ${name}Of(${input});`];
  },
  sum: (name, inputs) => [`const ${name} = ${inputs.reduce((sum, other) => `tf.add(${sum}, ${other})`)};`],
  column: (name, matrix) => `const ${name} = column(${matrix}, output);`,
  biased: (name, matrix, _, value) =>
    `const ${name} = tf.concat([${matrix}, tf.fill([n, 1], ${numberText(value)})], 1);`,
  weights: (name, part, shape) => {
    const matrix = weightsText(shape);
    const text = {
      matrix,
      row: `row(${matrix}, output)`,
      column: `column(${matrix}, output)`,
      entry: `row(row(${matrix}, output), output)`,
    };
    return `const ${name} = ${text[part]};`;
  },
});

const weightsText = ({ layer, rows, columns }: WeightShape) => `weights(parameters, ${layer}, [${rows}, ${columns}])`;
