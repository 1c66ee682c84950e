import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NtkcError } from '../../errors.ts';
import { codeOf, readFailure, writeFailure } from './fileErrors.ts';

/** The text of a file (UTF-8, a byte order mark dropped). Throws NtkcError if it is missing, a folder, or not readable. */
export function readInput(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw readFailure(error, path);
  }
}

/**
 * Writes a file whole or not at all: into a temporary file of the same folder, which then replaces `path`. Whatever was
 * there before stays until that moment. A device or pipe (/dev/stdout) is written directly. Throws NtkcError.
 */
export function atomicWriteFile(path: string, data: string | Uint8Array): void {
  if (isStream(path)) {
    attempt(path, () => writeFileSync(path, data));
    return;
  }
  const file = openReplacement(path);
  try {
    writeFileSync(file.fd, data);
    file.commit();
  } catch (error) {
    file.discard();
    throw writeFailure(error, path);
  }
}

/** An open temporary file that will take the place of `path`, or leave no trace. */
export interface Replacement {
  readonly fd: number;
  /** Flushes to the disk and takes the place of the target. */
  commit(): void;
  /** Deletes the temporary file; harmless after commit. Also happens when the process exits. */
  discard(): void;
}

/** Opens a temporary file beside `path` (beside what it links to). Throws NtkcError if nothing can be written there. */
export function openReplacement(path: string): Replacement {
  const target = attempt(path, () => linkTarget(path));
  const previous = requireReplaceable(target, path);
  const name = `.${basename(target).slice(0, 100)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(target), name);
  const fd = attempt(path, () => openSync(temporary, 'wx+'));
  let open = true;
  const discard = () => {
    if (!open) return;
    open = false;
    process.off('exit', discard);
    closeSync(fd);
    rmSync(temporary, { force: true });
  };
  process.on('exit', discard);
  const commit = () => {
    try {
      fsyncSync(fd);
      if (previous !== undefined) chmodSync(temporary, previous.mode & 0o777);
      renameSync(temporary, target);
    } catch (error) {
      discard();
      throw writeFailure(error, path);
    }
    open = false;
    process.off('exit', discard);
    closeSync(fd);
  };
  return { fd, commit, discard };
}

/** The mode of what is there now, or undefined; throws if it must not or cannot be replaced. */
function requireReplaceable(target: string, path: string): Stats | undefined {
  const previous = attempt(path, () => statSync(target, { throwIfNoEntry: false }));
  if (previous === undefined) return undefined;
  if (previous.isDirectory()) throw writeFailure(Object.assign(new Error(), { code: 'EISDIR' }), path);
  if (!previous.isFile()) {
    throw new NtkcError({
      what: 'cannot write here: a device or pipe cannot hold this format',
      where: path,
      expected: 'a file',
      next: 'Name a file as the output.',
    });
  }
  attempt(path, () => accessSync(target, constants.W_OK));
  return previous;
}

function isStream(path: string): boolean {
  const stats = attempt(path, () => statSync(path, { throwIfNoEntry: false }));
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/** Where a symbolic link leads; the path itself if nothing is there yet. */
function linkTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path;
    throw error;
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw writeFailure(error, path);
  }
}
