import { NtkcError } from '../../errors.ts';

interface Advice {
  readonly what: string;
  readonly next: string;
}

/** What the system's error codes mean to a user. */
const readAdvice: Readonly<Record<string, Advice>> = {
  ENOENT: { what: 'there is no such file', next: 'Check the path and the spelling.' },
  EISDIR: { what: 'this is a folder', next: 'Name a file inside it.' },
  ENOTDIR: { what: 'a part of this path is a file, not a folder', next: 'Check the path.' },
  EACCES: { what: 'no permission to read this file', next: 'Change its permissions or name another file.' },
  EPERM: { what: 'no permission to read this file', next: 'Change its permissions or name another file.' },
};

const writeAdvice: Readonly<Record<string, Advice>> = {
  ENOENT: {
    what: 'cannot write here: the folder does not exist',
    next: 'Create the folder first, or name another output.',
  },
  EISDIR: { what: 'cannot write here: this is a folder', next: 'Name a file inside it.' },
  ENOTDIR: { what: 'cannot write here: a part of this path is a file, not a folder', next: 'Name another output.' },
  EACCES: {
    what: 'cannot write here: no permission',
    next: 'Change the permissions, or name an output in another folder.',
  },
  EPERM: {
    what: 'cannot write here: no permission',
    next: 'Change the permissions, or name an output in another folder.',
  },
  EROFS: { what: 'cannot write here: the file system is read-only', next: 'Name an output in another folder.' },
  ENOSPC: { what: 'cannot write here: the disk is full', next: 'Free some space, or name an output on another disk.' },
  EDQUOT: { what: 'cannot write here: the disk quota is used up', next: 'Free some space, or name another output.' },
  ENAMETOOLONG: { what: 'cannot write here: the name is too long', next: 'Name another output.' },
  EFBIG: {
    what: 'cannot write here: the file is too large for this file system',
    next: 'Name an output on another disk.',
  },
};

/** A failed read of `path` as an NtkcError; NtkcErrors pass through unchanged. */
export const readFailure = (error: unknown, path: string) => explain(error, path, readAdvice, 'cannot read this file');

/** A failed write to `path` as an NtkcError; NtkcErrors pass through unchanged. */
export const writeFailure = (error: unknown, path: string) => explain(error, path, writeAdvice, 'cannot write here');

function explain(error: unknown, path: string, table: Readonly<Record<string, Advice>>, otherwise: string): NtkcError {
  if (error instanceof NtkcError) return error;
  const code = codeOf(error);
  const known = code !== undefined && Object.hasOwn(table, code) ? table[code] : undefined;
  const reason = error instanceof Error ? error.message : String(error);
  return new NtkcError({
    what: known?.what ?? `${otherwise}: ${reason}`,
    where: path,
    next: known?.next ?? 'Name another file.',
  });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
