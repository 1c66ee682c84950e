/** Which of tfjs's backends runs a kernel: the fastest that this machine has, or the one asked for. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import type * as Tf from '@tensorflow/tfjs-core';
import { NtkcError } from '../../errors.ts';

export interface PickedBackend {
  /** e.g. "wasm"; "tfjs-node-gpu" and "tfjs-node" both run tfjs's backend "tensorflow". */
  readonly name: string;
  /** What tf.setBackend calls it. */
  readonly tfName: string;
  readonly tf: typeof Tf;
  /** Which backend it is, and why the ones before it in order are not. */
  readonly note: string;
}

interface Candidate {
  readonly name: string;
  readonly tfName: string;
  readonly install: string;
  readonly register: () => Promise<void>;
}

const require = createRequire(import.meta.url);

/** The fastest first. */
const candidates: readonly Candidate[] = [
  tensorflow('tfjs-node-gpu'),
  tensorflow('tfjs-node'),
  { name: 'wasm', tfName: 'wasm', install: 'npm install @tensorflow/tfjs-backend-wasm', register: registerWasm },
  { name: 'cpu', tfName: 'cpu', install: 'npm install @tensorflow/tfjs-backend-cpu', register: registerCpu },
];

/** Names `pickBackend` takes; "tensorflow" is either of the first two. */
export const backendNames: readonly string[] = [...candidates.map((c) => c.name), 'tensorflow'];

/**
 * The backend of this name, ready to compute; without a name, the first that this machine can run, in the order
 * tfjs-node-gpu, tfjs-node, wasm, cpu.
 * @throws NtkcError for a name that is none, or a backend that does not load here
 */
export async function pickBackend(name?: string): Promise<PickedBackend> {
  const wanted = candidates.filter((c) => name === undefined || c.name === name || c.tfName === name);
  if (wanted.length === 0)
    throw new NtkcError({
      what: `unknown tfjs backend ${JSON.stringify(name)}`,
      expected: `one of ${backendNames.join(', ')}`,
    });
  const tf = await import('@tensorflow/tfjs-core');
  const failed: string[] = [];
  for (const candidate of wanted) {
    const reason = await inTurn(() => reasonAgainst(tf, candidate));
    if (reason === undefined) {
      const note = [`tfjs backend ${candidate.name}`, ...failed].join('; ');
      return { name: candidate.name, tfName: candidate.tfName, tf, note };
    }
    failed.push(`not ${candidate.name}: ${reason}`);
  }
  throw new NtkcError({
    what: `the tfjs backend ${name ?? ''} does not run here (${failed.join('; ')})`,
    next: `Run ${wanted.map((c) => c.install).join(' or ')}, or take another of ${backendNames.join(', ')}.`,
  });
}

/** tfjs has one current backend in a process: work that needs one waits here for its turn. */
let lastTurn: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(work);
  lastTurn = turn.catch(() => {});
  return turn;
}

/** Runs work with the backend as tfjs's current one, so that kernels on several backends can take turns. */
export function onBackend<T>({ name, tf, tfName }: PickedBackend, work: () => T | Promise<T>): Promise<T> {
  return inTurn(async () => {
    if (tf.getBackend() !== tfName && !(await tf.setBackend(tfName)))
      throw new NtkcError({ what: `the tfjs backend ${name} no longer starts`, next: 'Take another backend.' });
    return work();
  });
}

async function reasonAgainst(tf: typeof Tf, { tfName, register }: Candidate): Promise<string | undefined> {
  try {
    await register();
    if (!(await tf.setBackend(tfName))) return 'tfjs could not start it';
    if (tfName === 'cpu') silenceFirstUse(tf);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'unknown') : String(error);
  }
}

/** The backend's first use in Node prints an advertisement for tfjs-node; we say in `note` what was picked. */
function silenceFirstUse(tf: typeof Tf): void {
  const backend: unknown = tf.backend();
  if (typeof backend === 'object' && backend !== null && 'firstUse' in backend) backend.firstUse = false;
}

async function registerCpu(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
}

async function registerWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const home = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  try {
    setWasmPaths(join(home, 'wasm-out') + sep);
  } catch {} // already running, so its paths were found
}

function tensorflow(name: 'tfjs-node-gpu' | 'tfjs-node'): Candidate {
  const register = async (): Promise<void> => {
    // tfjs-node calls both; the first is gone since Node 23, the second prints a deprecation warning.
    Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
    Object.assign(util, { isArray: Array.isArray });
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    const specifier = `@tensorflow/${name}`;
    try {
      await import(specifier);
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error.code));
      throw missing ? new Error('not installed') : error;
    }
  };
  return { name, tfName: 'tensorflow', install: `npm install @tensorflow/${name}`, register };
}
