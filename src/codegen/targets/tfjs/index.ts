/** The tfjs target: a standalone, documented TypeScript module that computes the kernel with @tensorflow/tfjs-core. */
export { generateTfjs } from './module.ts';
export { blockOf } from './spatial/module.ts';
