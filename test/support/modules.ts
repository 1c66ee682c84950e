import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ts } from 'ts-morph';
import { repoRoot } from './cli.ts';

export interface ModuleImport {
  /** As written: './x.ts', 'mathjs'. */
  readonly specifier: string;
  /** The imported file from the checkout's root ('src/ir/x.ts'); absent for a package. */
  readonly file?: string;
  /** static: a value import at the head; type: erased; dynamic: `await import()`. */
  readonly kind: 'static' | 'type' | 'dynamic';
}

export interface SourceModule {
  /** From the checkout's root: 'src/ir/x.ts'. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly isTest: boolean;
  readonly imports: readonly ModuleImport[];
  readonly hasDefaultExport: boolean;
  /** Lines where the type `any` is written. */
  readonly anyLines: readonly number[];
}

/** Every TypeScript file under `folder` of the checkout, parsed, in a fixed order. */
export function sourceModules(folder: string): readonly SourceModule[] {
  return readdirSync(join(repoRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => parseModule(join(folder, name), readFileSync(join(repoRoot, folder, name), 'utf8')));
}

export function parseModule(path: string, text: string): SourceModule {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: ModuleImport[] = [];
  const anyLines: number[] = [];
  const add = (node: ts.Node | undefined, kind: ModuleImport['kind']): void => {
    if (node === undefined || !ts.isStringLiteral(node)) return;
    const local = node.text.startsWith('.');
    const file = relative(repoRoot, join(repoRoot, dirname(path), node.text));
    imports.push({ specifier: node.text, kind, ...(local ? { file } : {}) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ? 'type' : 'static');
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static');
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, 'type');
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], 'dynamic');
    else if (node.kind === ts.SyntaxKind.AnyKeyword)
      anyLines.push(tree.getLineAndCharacterOfPosition(node.getStart()).line + 1);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return {
    path,
    text,
    lineCount: text.split('\n').length - 1,
    isTest: path.endsWith('.test.ts'),
    imports,
    hasDefaultExport: tree.statements.some(isDefaultExport),
    anyLines,
  };
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
    return statement.exportClause.elements.some((element) => element.name.text === 'default');
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
}

/** The first cycle of a directed graph as a list of nodes (its first repeated at the end), or nothing. */
export function findCycle(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): readonly string[] | undefined => {
    const start = path.indexOf(node);
    if (start >= 0) return [...path.slice(start), node];
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const cycle = walk(next, [...path, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const cycle = walk(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}
