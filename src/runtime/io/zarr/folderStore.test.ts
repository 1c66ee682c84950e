import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolderStore } from './folderStore.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ntkc-store-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const bytes = (text: string) => new TextEncoder().encode(text);

it('keeps what it is given, and nothing besides', async () => {
  const store = await openFolderStore(join(root, 'new'));
  store.set('c/0/1', bytes('one'));
  store.set('c/0/0', bytes('zero'));
  store.set('a', bytes(''));
  store.set('c/0/1', bytes('another'));
  await store.flush();
  expect(readdirSync(join(root, 'new'), { recursive: true }).sort()).toEqual(['a', 'c', 'c/0', 'c/0/0', 'c/0/1']);
  expect(readFileSync(join(root, 'new/c/0/1'), 'utf8')).toBe('another');
  expect(await store.get('a')).toHaveLength(0);
  expect(await store.get('c/9/9')).toBeUndefined();
});

it('loads a file into memory that is there, if it fits', async () => {
  const store = await openFolderStore(root);
  store.set('a', bytes('seven..'));
  const memory = new Uint8Array(7);
  expect(await store.load('a', memory)).toEqual(bytes('seven..'));
  expect(await store.load('a', new Uint8Array(9))).toEqual(bytes('seven..'));
  expect(await store.load('a', new Uint8Array(6))).toBeUndefined();
  expect(await store.load('b', memory)).toBeUndefined();
});

it('clears away what killed runs left, not what a living one is writing', async () => {
  const dead = 2 ** 30; // more than any process has
  for (const pid of [dead, process.ppid]) writeFileSync(join(root, `.ntkc-${pid}-3.tmp`), 'half');
  await openFolderStore(root);
  expect(readdirSync(root)).toEqual([`.ntkc-${process.ppid}-3.tmp`]);
});

it('says what cannot be written', async () => {
  const store = await openFolderStore(root);
  writeFileSync(join(root, 'c'), 'a file on the way');
  expect(() => store.set('c/0/0', bytes('x'))).toThrow(/^cannot write here/);
  mkdirSync(join(root, 'd'));
  expect(() => store.set('d', bytes('x'))).toThrow('this is a folder');
  expect(readdirSync(root).sort()).toEqual(['c', 'd']);
});
