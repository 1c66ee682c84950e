#!/usr/bin/env node
/** The command `ntkc`: what a process needs around the command line: pipes, signals, exit status. */
import Module from 'node:module';
import { runCommandLine } from './commandLine.ts';

// "engines" of package.json; npm only warns of it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const advice = 'Expected Node 22.18 or later. Install one, or in this project: npm install node@24.';
  process.stderr.write(`ntkc: Node ${process.versions.node} is too old. ${advice}\n`);
  process.exit(2);
}

// Commands are loaded when they run: from the second time on already compiled. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
Module.enableCompileCache();

// `ntkc derive net.json | head`: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`ntkc: cannot write to stdout: ${error.message}.\n`);
  process.exit(2);
});
process.stderr.on('error', () => {});

// Exit handlers remove temporary files; 128 + the signal's number by convention.
process.on('SIGINT', () => {
  process.stderr.write('\nntkc: interrupted\n');
  process.exit(130);
});
process.on('SIGTERM', () => process.exit(143));

const status = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  errIsTerminal: process.stderr.isTTY === true,
});
// Exit rather than wait: a tfjs backend may keep threads of its own. First let a slow pipe take everything.
process.stdout.write('', (error) => {
  if (!error) process.exit(status); // else the handler above ends it
});
