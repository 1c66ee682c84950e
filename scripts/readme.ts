/**
 * Writes the table of ops in README.md, between the markers `ops:begin` and `ops:end`, from the registry: what an op
 * supports is tried, not declared.
 *
 *     node scripts/readme.ts         # -- --check: exit 1 where it would change
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { derive, finiteNetwork } from '../src/derive/index.ts';
import { NtkcError } from '../src/errors.ts';
import type { Fields } from '../src/ir/arch/index.ts';
import { kernelNames } from '../src/ir/program/index.ts';
import { exampleNetwork } from '../src/ops/example.ts';
import type { Op } from '../src/ops/op.ts';
import { vocabulary } from '../src/ops/vocabulary.ts';
import { root, writeGenerated } from './generated.ts';

const readmeFile = join(root, 'README.md');
const [BEGIN, END] = ['<!-- ops:begin -->', '<!-- ops:end -->'];

/** A network that holds the op where any op may stand: after a dense layer and before one. */
function exampleOf(op: Op): Fields & { readonly op: string } {
  const [fields] = op.examples;
  if (fields === undefined) throw new Error(`${op.name} has no example`);
  return { op: op.name, ...fields };
}

/** "yes" if `action` succeeds, "no" if ntkc refuses. */
function supported(action: () => unknown): string {
  try {
    action();
    return 'yes';
  } catch (error) {
    if (error instanceof NtkcError) return 'no';
    throw error;
  }
}

/** Fields with their defaults, as README readers write them: "wStd (1)", "slope", "width (none)". */
function fieldsText({ fields, nests }: Op): string {
  const one = ([name, type]: [string, z.ZodType]): string => {
    const omitted = type.safeParse(undefined);
    if (!omitted.success) return `\`${name}\``;
    return `\`${name}\` (${omitted.data === undefined ? 'none' : JSON.stringify(omitted.data)})`;
  };
  const nested = nests === undefined ? [] : [`\`${nests}\``];
  return [...Object.entries(fields).map(one), ...nested].join(', ');
}

/** How κ is had and where from; for other ops, where their rule is from. */
function sourceText(op: Op): string {
  if (op.copies !== undefined) return 'its layers, with parameters of their own each time';
  const { branches: _, layers: __, ...written } = exampleOf(op);
  const fields = z.object(op.fields).parse(written);
  const rule = op.kernel?.(fields, { fanIn: Number.POSITIVE_INFINITY, extents: op.exampleInput?.slice(0, -1) ?? [] });
  if (rule === undefined) return '';
  if (rule.kind !== 'activation') return rule.source;
  const how = rule.activation.dual.kind === 'closed' ? 'closed form' : 'series or quadrature, or a closed form it is';
  return `${how}: ${rule.source}`;
}

/** The table, one row an op. */
export function opsTable(ops: Iterable<Op> = vocabulary.values()): string {
  const head = ['op', 'what', 'fields (default)', ...kernelNames, 'finite', 'source'];
  const rows = [...ops].map((op) => {
    const net = exampleNetwork(op);
    return [
      `\`${op.name}\``,
      op.summary,
      fieldsText(op),
      ...kernelNames.map((kernel) => supported(() => derive(net, kernel))),
      supported(() => finiteNetwork(net, { width: 8 })),
      sourceText(op),
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** README text with the table of today. */
export function withOpsTable(readme: string): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md needs ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n${opsTable()}\n${END}${after}`;
}

if (import.meta.main)
  writeGenerated(readmeFile, withOpsTable(readFileSync(readmeFile, 'utf8')), 'node scripts/readme.ts');
