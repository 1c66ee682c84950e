/** The command line as a function: arguments in, exit status out. Loads a command's code only when it runs. */
import { Command, CommanderError } from 'commander';
import { NtkcError } from '../errors.ts';
import { version } from '../version.ts';
import { declarations } from './declarations.ts';
import type { Terminal } from './terminal.ts';

/** Exit statuses beside 0. A bug of ntkc exits with 70, EX_SOFTWARE of sysexits.h. */
const exitStatus = { checkFailed: 1, badInput: 2, bug: 70 } as const;

const intro = `
From a declared network to the kernels of its infinite-width limit: NNGP, NTK, weighted NTK.
NET is a network: a .json file, or a .ts or .js module whose default export is a network.`;

const examples = `
Examples:
  $ ntkc check net.json
  $ ntkc derive net.json --kernel wntk
  $ ntkc gram net.json --x1 x.npy -o k.npy
"ntkc COMMAND --help" says more. Exit status: 0 done, 1 a check failed, 2 bad input, 130 interrupted.`;

/** Runs `ntkc ARGS`. Never throws: every failure becomes one line on `terminal.err` and a status. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let status = 0;
  const program = newProgram(terminal);
  for (const declare of declarations)
    declare(program, terminal, (outcome) => {
      status = outcome;
    });
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : afterHelp(args, program), { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const [line, code] = describe(error, program, args);
    terminal.err(`ntkc: ${line}\n`);
    if (code === exitStatus.bug && process.env.NTKC_DEBUG === '1' && error instanceof Error)
      terminal.err(`${error.stack}\n`);
    return code;
  }
}

/** `help nonsense` as `nonsense`, whose complaint is one line; commander would print all of the help as an error. */
function afterHelp(args: readonly string[], program: Command): string[] {
  const known = program.commands.some((command) => command.name() === args[1]);
  return args[0] === 'help' && args[1] !== undefined && !known ? args.slice(1) : [...args];
}

function newProgram(terminal: Terminal): Command {
  const program = new Command('ntkc')
    .description(intro.trim())
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', examples)
    .helpCommand('help [command]', 'the same as ntkc COMMAND --help')
    .configureHelp({
      subcommandTerm: (c) => [c.name(), ...c.registeredArguments.map((a) => a.name())].join(' '),
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: () => {}, // printed in one line where it is caught
    });
  return program;
}

/** The line a user reads about a failure, and the exit status. */
function describe(error: unknown, program: Command, args: readonly string[]): readonly [string, number] {
  if (error instanceof CommanderError) {
    const known = program.commands.some((command) => command.name() === args[0]);
    const help = `See ${known ? `ntkc ${args[0]}` : 'ntkc'} --help.`;
    const complaint = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
    return [`${/[.?)]$/.test(complaint) ? complaint : `${complaint}.`} ${help}`, exitStatus.badInput];
  }
  if (error instanceof NtkcError) return [error.message, exitStatus.badInput];
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const advice = process.env.NTKC_DEBUG === '1' ? '' : ' (NTKC_DEBUG=1 shows where)';
  return [`bug: ${text.replace(/^Error: (ntkc bug: )?/, '').replace(/\s+/g, ' ')}${advice}`, exitStatus.bug];
}
