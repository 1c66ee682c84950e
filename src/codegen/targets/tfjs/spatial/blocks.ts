/** Lines of groups of statements and of loops over layers, with what frees their tensors. */
import { reads, type Statement } from '../../../../ir/program/index.ts';
import { lineWidth, listLines } from '../lines.ts';
import { Scope } from './forms.ts';
import type { LayerGroups, SpatialBlock, SpatialGroup } from './groups.ts';
import type { SpatialPrinter } from './statements.ts';

/** Inside the function. */
export const bodyDepth = 2;

export interface BlockText {
  readonly printer: SpatialPrinter;
  /** Whether tensors are freed as soon as they are read no more. */
  readonly frees: boolean;
  /** What is kept of each layer, by the name of its array, and its text. */
  readonly pushed: ReadonlyMap<string, string>;
}

/** The array of what is kept of each layer. */
export const ofEach = (name: string): string => `${name}OfEach`;

export function blockLines(blocks: readonly SpatialBlock[], text: BlockText, depth = bodyDepth): readonly string[] {
  if (text.frees)
    return blocks.flatMap((b) =>
      b.kind === 'layers' ? loopLines(b, text, depth) : groupLines(b, text.printer, depth),
    );
  const scope = new Scope();
  return blocks.flatMap((b) =>
    b.kind === 'layers' ? loopLines(b, text, depth) : inOneScope(b.statements, text.printer, depth, scope),
  );
}

/** Statements, each after what is declared for it. */
function inOneScope(
  statements: readonly Statement[],
  printer: SpatialPrinter,
  indent: number,
  scope = new Scope(),
): readonly string[] {
  let shown = scope.lines.length;
  return statements.flatMap((s) => {
    const own = printer.lines(s, scope, indent);
    const declared = scope.lines.slice(shown);
    shown = scope.lines.length;
    return [...declared, ...own];
  });
}

/** A group of one line stands alone; the intermediate tensors of all are freed when they end. */
function groupLines(
  { statements, live, dead }: SpatialGroup,
  printer: SpatialPrinter,
  depth: number,
): readonly string[] {
  const inner = inOneScope(statements, printer, depth + 2);
  const freed = freedLines(dead, depth);
  const [only] = inner;
  const alone = inner.length === 1 && live.length === 1 ? aloneText(only as string, depth) : undefined;
  if (alone !== undefined) return [alone, ...freed];
  return [
    ...listLines('const { ', live, ' } = tf.tidy(() => {', depth),
    ...inner.map((l) => `  ${l}`),
    ...listLines('return { ', live, ' };', depth + 2).map((l) => `  ${l}`),
    '});',
    ...freed,
  ];
}

const freedLines = (dead: readonly string[], depth: number) =>
  dead.length === 0 ? [] : listLines('tf.dispose([', dead, ']);', depth);

/** One line that makes one tensor; undefined where it is too long for that. */
function aloneText(line: string, depth: number): string | undefined {
  const [, declared, expression = '', comment] = /^(const [^=]+ = )(.*);( \/\/ .*)?$/.exec(line) ?? [];
  if (declared === undefined) return undefined;
  const calls = [...expression.matchAll(/\w+\(/g)].length;
  const code = `${declared}${calls < 2 ? expression : `tf.tidy(() => ${expression})`};`;
  const comments = [comment ?? '', (comment ?? '').replace(/ = .*/, '')];
  return comments.map((c) => code + c).find((text) => text.length + depth <= lineWidth);
}

/** One loop over layers; what is read after it has its name again. */
function loopLines(block: LayerGroups, text: BlockText, depth: number): readonly string[] {
  const { loop, groups, before, leaving, dead } = block;
  const { printer, frees } = text;
  const names = new Set([...before.map((b) => b.variable), ...loop.statements.map((s) => s.name)]);
  const pushed = [...text.pushed].filter(([, value]) => names.has(value.replace(/(Dot)?(\.\w+)?$/, '')));
  const read = new Set(loop.statements.flatMap(reads));
  const selves = loop.leaving.filter(({ name }) => leaving.every((l) => l.name !== name));
  return [
    '',
    `// ${loop.times} layers that repeat, called as the first of them.`,
    ...pushed.map(([name]) => `const ${ofEach(name)}: tf.Tensor[] = [];`),
    ...before.map((b) => `let ${b.variable}: tf.Tensor = ${b.isCopy && frees ? `tf.clone(${b.initial})` : b.initial};`),
    `for (let layer = 0; layer < ${loop.times}; layer++) {`,
    ...[
      ...[...loop.weights].flatMap(([name, { from, by }]) =>
        read.has(name) ? [`const ${name} = weights[${from} + ${by === 1 ? '' : `${by} * `}layer] ?? Number.NaN;`] : [],
      ),
      ...blockLines(groups, text, depth + 2),
      ...pushed.map(([name, value]) => `${ofEach(name)}.push(${value});`),
      ...before.map((b) => `${b.variable} = ${b.own.name};`),
    ].map((l) => `  ${l}`),
    '}',
    ...(frees ? freedLines(dead, depth) : []),
    ...leaving.map(({ name, variable }) => printer.again(name, variable)),
    ...selves.map(({ name, own, layer }) => printer.again(name, `${ofEach(own.name)}[${layer}] as tf.Tensor`)),
    '',
  ];
}
