import { explicitHierarchy, type TermCount } from '../../derive/hierarchy/explicit/index.ts';
import { interruptible } from '../interruptible.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable, writeText } from '../output.ts';
import { note, type Terminal } from '../terminal.ts';

export interface DeriveHierarchyOptions {
  readonly format: 'text' | 'latex' | 'json' | 'html';
  /** Of the output file, e.g. '.tex'. */
  readonly ending: string;
  readonly maxTerms?: number;
  readonly output?: string;
}

/** Factors a second that the recursion reads and writes: 0.7 to 1.5 million, 2 cores, Node 24, November 2026. */
const factorsPerSecond = 1e6;

/** K_order of the finite network as terms; the number of terms and the cost go to stderr before it starts. */
export async function deriveHierarchy(
  file: string,
  order: number,
  { format, ending, maxTerms, output }: DeriveHierarchyOptions,
  terminal: Terminal,
): Promise<number> {
  requireWritable(output, [file]);
  const network = await loadNetwork(file);
  const onCount = ({ products, factors }: TermCount) => {
    const seconds = Math.ceil(factors / factorsPerSecond);
    const work = `${products} terms of ${factors} factors before like ones are merged, about ${seconds} s`;
    note(terminal, `K${order} of the finite network: at most ${work}`);
  };
  const options = maxTerms === undefined ? { onCount } : { maxTerms, onCount };
  const hierarchy = await interruptible(() => inFile(file, () => explicitHierarchy(network, order, options)));
  const print: Readonly<Record<typeof format, () => string | Promise<string>>> = {
    text: () => hierarchy.toText(),
    latex: () => hierarchy.toLatex({ document: ending === '.tex' }),
    html: () => hierarchy.toHtml(),
    json: () => JSON.stringify(hierarchy.toJson(), null, output === undefined ? 0 : 2),
  };
  const text = await interruptible(print[format]);
  writeText(text, output, `k${order} of ${network.name}, ${format}`, terminal);
  return 0;
}
