/** The text of the functions of arithmetic.ts that a module needs. */
import { arithmeticSource } from './arithmetic.generated.ts';

/** The functions named, with those they call, each under its comment, in the order of the file. */
export function functionLines(names: ReadonlySet<string>): readonly string[] {
  const functions = allFunctions();
  const needed = new Set([...names].filter((name) => functions.has(name)));
  // Grows while it is walked, until no function calls one that is missing.
  for (const name of needed)
    for (const other of functions.keys())
      if (functions.get(name)?.some((line) => line.includes(`${other}(`))) needed.add(other);
  return [...functions].flatMap(([name, lines]) => (needed.has(name) ? [...lines, ''] : []));
}

function allFunctions(): ReadonlyMap<string, readonly string[]> {
  const functions = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of arithmeticSource.slice(1)) {
    lines.push(line.replaceAll('\t', '  '));
    const name = /^function (\w+)/.exec(line)?.[1];
    if (name !== undefined) functions.set(name, lines);
    if (line === '}') lines = [];
  }
  return functions;
}
