/** A folder as a store of Zarr's: each file appears whole or not at all, whatever ends the process. */
import { closeSync, fdatasyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { access, constants, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { NtkcError } from '../../../errors.ts';
import { codeOf, readFailure, writeFailure } from '../fileErrors.ts';

/** Keys are paths from the folder. */
export interface ChunkStore {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Reads a file into the beginning of `into`: what it holds, or undefined if there is none or it is longer. */
  load(key: string, into: Uint8Array): Promise<Uint8Array | undefined>;
  /** Writes a file at once, so that no signal's handler runs in between. @throws NtkcError */
  set(key: string, bytes: Uint8Array): void;
  /** What was written is on the disk, also if the power fails now. */
  flush(): Promise<void>;
}

const temporaryName = /^\.ntkc-(\d+)-\d+\.tmp$/;
let written = 0;

/**
 * Opens a folder for writing, made if there is none; deletes what killed runs left half-written.
 * @throws NtkcError if it cannot be written, or holds something that is no Zarr array
 */
export async function openFolderStore(root: string): Promise<ChunkStore> {
  await requireFolder(root);
  await attempt(root, () => mkdir(root, { recursive: false }).catch(unless('EEXIST')));
  for (const name of await readdir(root)) {
    const pid = temporaryName.exec(name)?.[1];
    if (pid !== undefined && !isOther(Number(pid))) await attempt(root, () => rm(join(root, name), { force: true }));
  }
  const at = (key: string) => join(root, key);
  const folders = new Set<string>([root, parentOf(root)]);
  return {
    get: (key) => reading(at(key), () => readFile(at(key))),
    load: (key, into) => reading(at(key), () => readInto(at(key), into)),
    set: (key, bytes) => {
      const missing: string[] = [];
      for (let folder = dirname(at(key)); !folders.has(folder); folder = dirname(folder)) missing.push(folder);
      const temporary = join(root, `.ntkc-${process.pid}-${written++}.tmp`);
      try {
        if (missing[0] !== undefined) mkdirSync(missing[0], { recursive: true });
        replace(at(key), bytes, temporary);
      } catch (error) {
        throw failureOf(error, root);
      }
      for (const folder of missing) folders.add(folder);
    },
    flush: async () => {
      for (const folder of folders) await syncFolder(folder);
    },
  };
}

/** Throws NtkcError unless the folder can be made, is empty, or holds a Zarr array, and can be written. */
export async function requireFolder(root: string): Promise<void> {
  const there = await attempt(root, () => stat(root).catch(unless('ENOENT')));
  if (there === undefined) {
    await attempt(root, () => access(parentOf(root), constants.W_OK));
    return;
  }
  if (!there.isDirectory())
    throw new NtkcError({
      what: 'cannot write here: this is a file, and a .zarr output is a folder',
      where: root,
      next: 'Name another output, or delete the file.',
    });
  await attempt(root, () => access(root, constants.W_OK));
  const names = (await attempt(root, () => readdir(root))).filter((name) => !temporaryName.test(name));
  if (names.length > 0 && !names.includes('zarr.json'))
    throw new NtkcError({
      what: `this folder holds something else: ${names.slice(0, 3).join(', ')}`,
      where: root,
      expected: 'a new folder, or a Gram matrix to go on with',
      next: 'Name another output.',
    });
}

const parentOf = (folder: string) => dirname(resolve(folder));

async function reading<T>(file: string, action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw readFailure(error, file);
  }
}

async function readInto(file: string, into: Uint8Array): Promise<Uint8Array | undefined> {
  const handle = await open(file, 'r');
  try {
    if ((await handle.stat()).size > into.length) return undefined;
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(into, length, into.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === into.length) return into.subarray(0, length);
    }
  } finally {
    await handle.close();
  }
}

/** Through a temporary file. */
function replace(file: string, bytes: Uint8Array, temporary: string): void {
  try {
    const fd = openSync(temporary, 'wx');
    try {
      writeFileSync(fd, bytes);
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  // Some systems sync no folders, and do not need it.
  await handle.sync().catch(unless('EPERM', 'EISDIR', 'EINVAL'));
  await handle.close();
}

/** Whether another process of this number is alive, and may still write. */
function isOther(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const full = ['ENOSPC', 'EDQUOT'];

async function attempt<T>(root: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw failureOf(error, root);
  }
}

function failureOf(error: unknown, root: string): NtkcError {
  const failure = writeFailure(error, root);
  if (!full.includes(codeOf(error) ?? '')) return failure;
  const next = 'Free some space and run this again: finished tiles are kept.';
  return new NtkcError({ ...failure.complaint(), next });
}

const unless =
  (...codes: readonly string[]) =>
  (error: unknown): undefined => {
    if (!codes.includes(codeOf(error) ?? '')) throw error;
    return undefined;
  };
