import { add, type Expr } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { x } from '../dual.ts';
import { erfFamily } from '../erfFamily.ts';
import { real } from '../fields.ts';
import { asMultiple } from '../sinusoid.ts';

export const op = defineActivation({
  name: 'erf',
  summary: 'the error function, a·erf(b·x) + c',
  fields: { a: real.default(1), b: real.default(1), c: real.default(0) },
  source: 'williams1997 (11); as neural-tangents Erf',
  activation: ({ a, b, c }) => erfFamily(a, b, c, tex(a, b, c)),
  examples: [{}, { a: 1.2, b: -0.7, c: 0.3 }],
  recognise: (phi) => {
    const c = phi.kind === 'add' ? phi.constant : 0;
    const { factor: a, rest } = asMultiple(add(phi, -c));
    if (rest.kind !== 'call' || rest.fn !== 'erf') return undefined;
    const { factor: b, rest: variable } = asMultiple(rest.args[0] as Expr);
    return variable === x ? { a, b, c } : undefined;
  },
});

const tex = (a: number, b: number, c: number): string =>
  `${a === 1 ? '' : a}\\operatorname{erf}(${b === 1 ? '' : b}x)${c === 0 ? '' : c < 0 ? ` - ${-c}` : ` + ${c}`}`;
