/** Values of the forward pass as JavaScript. */
import { SAMPLES } from '../../../ir/hierarchy/index.ts';
import type { Expr } from '../../../ir/scalar/index.ts';
import { ExpressionPrinter } from '../../targets/reference/expression.ts';
import type { ForwardSpelling } from '../forward.ts';

/** @param helper notes a helper function that the text calls */
export const spellForward = (helper: (name: string) => void): ForwardSpelling => ({
  dense: (name, { layer, weightScale, bias, width }, input, { columns }) => {
    helper('multiply');
    const own = bias === undefined ? '' : ` + ${bias.scale} * parameters[${layer}].b[at % ${width}]`;
    return [
      `const ${name} = multiply(${input}, parameters[${layer}].W, 1, ${SAMPLES}, ${width}, ${columns});`,
      `for (let at = 0; at < ${name}.length; at++) ${name}[at] = ${weightScale} * ${name}[at]${own};`,
    ];
  },
  mapped: (name, formula, input) => {
    helper('mapped');
    return [`const ${name} = mapped(${input}, ${functionText(formula, helper)});`];
  },
  sum: (name, [first, ...rest]) => [
    `const ${name} = ${first}.map((value, at) => value${rest.map((other) => ` + ${other}[at]`).join('')});`,
  ],
  column: (name, matrix, columns) => columnLine(name, matrix, SAMPLES, columns),
  biased: (name, matrix, columns, value) => {
    helper('withColumn');
    return `const ${name} = withColumn(${matrix}, ${columns}, ${value});`;
  },
  weights: (name, part, { layer, rows, columns }) => {
    const W = `parameters[${layer}].W`;
    switch (part) {
      case 'matrix':
        return `const ${name} = ${W};`;
      case 'row':
        return `const ${name} = ${W}.subarray(output * ${columns}, (output + 1) * ${columns});`;
      case 'column':
        return columnLine(name, W, `${rows}`, columns);
      case 'entry':
        return `const ${name} = Float64Array.of(${W}[output * ${columns} + output]);`;
    }
  },
});

/** A formula of x as a JavaScript function. */
export function functionText(formula: Expr, helper: (name: string) => void): string {
  const printer = new ExpressionPrinter([formula], (symbol) => symbol);
  const { declarations, text } = printer.print(formula);
  printer.helpers.forEach(helper);
  if (declarations.length === 0) return `(x) => ${text}`;
  return `(x) => { ${[...declarations, `return ${text};`].join(' ')} }`;
}

const columnLine = (name: string, matrix: string, rows: string, columns: string): string =>
  `const ${name} = Float64Array.from({ length: ${rows} }, (_, a) => ${matrix}[a * ${columns} + output]);`;
