/** Networks from files: JSON, or a TypeScript or JavaScript module whose default export is one. */
import { registerHooks } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NtkcError } from '../errors.ts';
import type { Network, NetworkInput } from '../ir/arch/index.ts';
import { network } from '../ops/vocabulary.ts';
import { parseJson, readInput } from '../runtime/io/index.ts';

/** Reads and checks a network. @throws NtkcError naming the file and the path inside it */
export async function loadNetwork(file: string): Promise<Network> {
  const ending = extname(file).toLowerCase();
  const known = ending === '.json' || moduleEndings.includes(ending);
  const text = readInput(file); // also for modules: tells a missing file from a failing one
  if (!known)
    throw new NtkcError({
      what: ending === '' ? 'the name of the network file has no ending' : `a network file cannot end in ${ending}`,
      where: file,
      expected: 'a .json file, or a .ts or .js module',
    });
  if (ending !== '.json') return inFile(file, async () => network(await defaultExport(file)));
  const declared = parseJson(text, file) as NetworkInput; // network() checks what it is
  return inFile(file, () => network(declared));
}

/** Runs `action`; the place an NtkcError names is then a place in this file. */
export async function inFile<T>(file: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof NtkcError ? error.inFile(file) : error;
  }
}

const moduleEndings = ['.ts', '.mts', '.js', '.mjs'];

const noDefaultExport = () =>
  new NtkcError({
    what: 'the module has no default export',
    expected: 'export default network({ ... })',
    next: 'Write export default before the network.',
  });

/** What the module exports by default; network() checks what it is. */
async function defaultExport(file: string): Promise<NetworkInput> {
  resolveOurselves();
  const restore = quietModuleWarnings();
  try {
    const loaded: unknown = await settled(import(pathToFileURL(resolve(file)).href));
    if (typeof loaded !== 'object' || loaded === null || !('default' in loaded)) throw noDefaultExport();
    return (await settled(Promise.resolve(loaded.default))) as NetworkInput;
  } catch (error) {
    if (error instanceof NtkcError) throw error;
    throw new NtkcError({
      what: `the module cannot be loaded: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      next: 'Run it with node to see where it fails.',
    });
  } finally {
    restore();
  }
}

/** The promise, or an error once nothing is left to run that could settle it. */
function settled<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const idle = () => reject(new Error('it waits for a promise that never settles'));
    process.once('beforeExit', idle);
    promise.then(resolve, reject).finally(() => process.off('beforeExit', idle));
  });
}

let resolving = false;

/**
 * Lets network modules import 'ntkc' from any folder, also in a checkout without a build, and get this very program:
 * its builders and its NtkcError.
 */
function resolveOurselves(): void {
  if (resolving) return;
  resolving = true;
  const url = new URL(`../index${extname(import.meta.url)}`, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'ntkc' ? { url, shortCircuit: true } : next(specifier, context),
  });
}

/**
 * Node warns on stderr when a folder's package.json does not say "type": "module", and where stripping types is
 * experimental. Neither concerns the reader of a kernel.
 */
function quietModuleWarnings(): () => void {
  const quiet = new Set(['MODULE_TYPELESS_PACKAGE_JSON', 'ExperimentalWarning']);
  const original = process.emitWarning;
  const filtered = (warning: string | Error, ...rest: readonly unknown[]): void => {
    const [first, second] = rest;
    const names =
      typeof first === 'object' && first !== null ? Object.values(first as Record<string, unknown>) : [first, second];
    if (names.some((name) => quiet.has(String(name)))) return;
    Reflect.apply(original, process, [warning, ...rest]);
  };
  process.emitWarning = filtered as typeof process.emitWarning;
  return () => {
    process.emitWarning = original;
  };
}
