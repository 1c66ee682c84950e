import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import type { TestContext } from 'vitest';

const require = createRequire(import.meta.url);
const TENSORFLOW_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

export interface TfBackend {
  readonly name: 'cpu' | 'wasm' | 'tensorflow';
  /** The name, and why it cannot run here: for test titles. */
  readonly label: string;
  readonly available: boolean;
  /** Makes it tfjs's backend; where it is not available, skips the test visibly. Returns tfjs-core. */
  use(context: Pick<TestContext, 'skip'>): Promise<typeof tf>;
}

/**
 * tfjs's backends of this machine, in a fixed order: cpu, wasm, tensorflow.
 *
 *     for (const backend of await tfBackends()) {
 *       it(`agrees on ${backend.label}`, async (context) => { const tf = await backend.use(context); ... });
 *     }
 */
export async function tfBackends(): Promise<readonly TfBackend[]> {
  return [
    backend('cpu', await reasonAgainst(() => import('@tensorflow/tfjs-backend-cpu'))),
    backend('wasm', await reasonAgainst(registerWasm)),
    backend('tensorflow', await reasonAgainst(registerTensorflow)),
  ];
}

function backend(name: TfBackend['name'], reason: string | undefined): TfBackend {
  return {
    name,
    label: reason === undefined ? name : `${name} (skipped: ${reason})`,
    available: reason === undefined,
    async use(context) {
      if (reason !== undefined) context.skip(reason);
      if (!(await tf.setBackend(name))) throw new Error(`tfjs could not start its backend ${name}`);
      await tf.ready();
      return tf;
    },
  };
}

async function reasonAgainst(register: () => unknown): Promise<string | undefined> {
  try {
    await register();
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'unknown') : String(error);
  }
}

async function registerWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out/'));
}

function registerTensorflow(): void {
  // tfjs-node calls util.isNullOrUndefined, which Node 23 removed.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  for (const pkg of TENSORFLOW_PACKAGES) {
    try {
      require(pkg);
      return;
    } catch {} // the next name; the message below covers both
  }
  throw new Error('libtensorflow is not installed, run npm run tfjs-node');
}
