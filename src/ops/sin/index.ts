import { add, call, mul } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { x } from '../dual.ts';
import { recogniseSinusoid, sinusoid, sinusoidFields, sinusoidTex } from '../sinusoid.ts';

export const op = defineActivation({
  name: 'sin',
  summary: 'amplitude·sin(frequency·x + phase)',
  fields: sinusoidFields,
  source: 'neural-tangents Sin; @derived from the characteristic function',
  activation: (f) => {
    const phi = mul(f.amplitude, call('sin', add(mul(f.frequency, x), f.phase)));
    return sinusoid(f, phi, sinusoidTex('sin', f));
  },
  examples: [{}, { amplitude: 1.3, frequency: 0.7, phase: 0.4 }],
  recognise: (phi) => recogniseSinusoid(phi, 'sin'),
});
