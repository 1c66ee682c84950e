/**
 * Preloaded into a command (`node --import`): sends it a signal while it writes a file, so that no test has to catch the
 * moment from outside. SIGNALLED_AT is "SIGNAL FILES STEP": FILES were written and renamed before; STEP is `half`, where
 * half the bytes of the next are in its temporary file, or `whole`, where all are and it is to be renamed.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { writeFileSync, renameSync } = fs;
const [signal, files, step] = (process.env.SIGNALLED_AT ?? '').split(' ');
let renamed = 0;

const signalled = (at: string): void => {
  if (step === at && renamed === Number(files)) process.kill(process.pid, signal);
};

fs.writeFileSync = (file, data, options) => {
  if (typeof file !== 'number' || !(data instanceof Uint8Array)) return writeFileSync(file, data, options);
  const half = data.length >> 1;
  writeFileSync(file, data.subarray(0, half), options);
  signalled('half');
  writeFileSync(file, data.subarray(half), options);
};
fs.renameSync = (from, to) => {
  signalled('whole');
  renameSync(from, to);
  renamed++;
};
syncBuiltinESMExports();
