import { expectedDerivation } from '../../derive/hierarchy/expectation.ts';
import { NtkcError } from '../../errors.ts';
import { inFile, loadNetwork } from '../networkFile.ts';
import { requireWritable, writeText } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import type { DeriveOptions, Format } from './derive.ts';

/** The expectation of K2 or K4 at initialisation: its terms, and the rules that give their values. */
export async function deriveExpected(
  file: string,
  { kernel, maxTerms, format, output }: DeriveOptions & { readonly format: Format },
  terminal: Terminal,
): Promise<number> {
  if (kernel !== 'k2' && kernel !== 'k4')
    throw new NtkcError({ what: `--expected does not apply to --kernel ${kernel}`, expected: '--kernel k2 or k4' });
  if (maxTerms !== undefined)
    throw new NtkcError({ what: '--max-terms and --expected contradict each other', next: 'Leave one out.' });
  if (format !== 'text' && format !== 'json')
    throw new NtkcError({ what: `--format ${format} with --expected`, expected: 'text or json' });
  requireWritable(output, [file]);
  const network = await loadNetwork(file);
  const derivation = await inFile(file, () => expectedDerivation(network, kernel === 'k2' ? 2 : 4));
  const text = format === 'json' ? JSON.stringify(derivation, null, output === undefined ? 0 : 2) : derivation.toText();
  writeText(text, output, `E ${kernel} of ${network.name}, ${format}`, terminal);
  return 0;
}
