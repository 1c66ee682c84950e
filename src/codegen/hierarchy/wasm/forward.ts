/** Values of the forward pass as calls of a TensorEngine, `e`. */
import { SAMPLES } from '../../../ir/hierarchy/index.ts';
import type { ForwardSpelling } from '../forward.ts';
import { functionText } from '../reference/forward.ts';

/** @param helper notes a helper function that the text calls */
export const spellForward = (helper: (name: string) => void): ForwardSpelling => ({
  dense: (name, { layer, weightScale, bias, width }, input) => {
    const product = `e.contract('ai', [['aj', ${input}]], [['ij', parameters[${layer}].W]])`;
    const own = bias === undefined ? '' : `, [${bias.scale}, 'i', parameters[${layer}].b]`;
    return [`const ${name} = e.sum([${SAMPLES}, ${width}], 'ai', [${weightScale}, 'ai', ${product}]${own});`];
  },
  mapped: (name, formula, input) => [`const ${name} = e.mapped(${input}, ${functionText(formula, helper)});`],
  sum: (name, inputs, axis) => [
    `const ${name} = e.sum([${SAMPLES}, ${axis}], 'ai', ${inputs.map((input) => `[1, 'ai', ${input}]`).join(', ')});`,
  ],
  column: (name, matrix) => `const ${name} = e.column(${matrix}, output);`,
  biased: (name, matrix, _, value) => `const ${name} = e.withColumn(${matrix}, ${value});`,
  weights: (name, part, { layer }) => {
    const W = `parameters[${layer}].W`;
    const text = {
      matrix: W,
      row: `e.row(${W}, output)`,
      column: `e.column(${W}, output)`,
      entry: `e.row(e.row(${W}, output), output)`,
    };
    return `const ${name} = ${text[part]};`;
  },
});
