/** Prints the seconds from a network to its Gram matrix of 100 rows, of the built package in a fresh process. */
import { compile, gram, network } from '../dist/index.js';

const n = 100;
const x = { data: Float64Array.from({ length: 100 * n }, (_, i) => Math.sin(i * i)), n };

const start = performance.now();
const dense = { op: 'dense', wStd: Math.SQRT2, bStd: 0.1 };
const layers = [...Array.from({ length: 5 }, () => [dense, { op: 'relu' }]).flat(), dense];
await gram(await compile(network({ name: 'relu-mlp-5', input: { shape: [100] }, layers })), x);
console.log((performance.now() - start) / 1000);
