import { add, call, mul } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { x } from '../dual.ts';
import { recogniseSinusoid, sinusoid, sinusoidFields, sinusoidTex } from '../sinusoid.ts';

export const op = defineActivation({
  name: 'cos',
  summary: 'amplitude·cos(frequency·x + phase)',
  fields: sinusoidFields,
  source: 'neural-tangents Cos; @derived from the characteristic function',
  activation: (f) => {
    const phi = mul(f.amplitude, call('cos', add(mul(f.frequency, x), f.phase)));
    return sinusoid({ ...f, phase: f.phase + Math.PI / 2 }, phi, sinusoidTex('cos', f));
  },
  examples: [{}, { amplitude: 1.3, frequency: 0.7, phase: 0.4 }],
  recognise: (phi) => recogniseSinusoid(phi, 'cos'),
});
