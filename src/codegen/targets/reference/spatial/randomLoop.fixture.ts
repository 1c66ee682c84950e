/** Random programs whose layers repeat: what each reads of the layer before, of its own and from outside is drawn. */
import fc from 'fast-check';
import { type Program, parseProgram, prune } from '../../../../ir/program/index.ts';

/** A statement of a layer: of full values and of pairs alike. */
interface Drawn {
  readonly kind: 'shift' | 'mix' | 'softmax' | 'contract';
  /** Which of the values that can be read then. */
  readonly reads: readonly [number, number];
  readonly seed: number;
}
const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom('shift', 'mix', 'mix', 'contract', 'softmax'),
  reads: fc.tuple(fc.nat(99), fc.nat(99)),
  seed: fc.nat(2),
});

const windows = ['[[[1,2,0],[0,1,2]]]', '[[[2,-1,1]]]', '[[[0,0,1],[2,1,0]]]'] as const;

/** Values that layers hand on stand first in what a layer can read, then two from outside, then its own. */
export const randomLoop: fc.Arbitrary<Program> = fc
  .record({
    layer: fc.array(drawn, { minLength: 2, maxLength: 6 }),
    handed: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }),
    times: fc.integer({ min: 3, max: 6 }),
    after: fc.array(fc.nat(99), { minLength: 1, maxLength: 3 }),
  })
  .map(({ layer, handed, times, after }) => {
    const lines: string[] = [];
    const both = (name: string, body: (prefix: 'f' | 'k') => string) => {
      lines.push(`full f${name} [3] = ${body('f')}`, `pair k${name} [3 all] = ${body('k')}`);
    };
    const slots = [...new Set(handed.map((h) => h % layer.length))];
    const outside = ['u0', 'u1'];
    both('u0', () => 'inner 0.5');
    both('u1', (p) => `map 0.5*${p}u0 + 0.1`);
    let before = slots.map((_, i) => `s${i}`);
    for (const name of before) both(name, (p) => `shiftSum ${p}u1 scale 0.${name.slice(1)}7 axes ${windows[0]}`);
    let own: string[] = [];
    for (let l = 0; l < times; l++) {
      const made: string[] = [];
      for (const [i, d] of layer.entries()) {
        const known = [...before, ...outside, ...made];
        const [a, b] = d.reads.map((r) => known[r % known.length] as string);
        made.push(`l${l}n${i}`);
        both(made.at(-1) as string, (p) => bodyOf(d, `${p}${a}`, `${p}${b}`, `f${b}`));
      }
      own = made;
      before = slots.map((s) => made[s] as string);
    }
    const last = [...before, ...outside, ...own];
    const sum = (p: 'f' | 'k') => after.map((r) => `${p}${last[r % last.length]}`).join(' + 0.3*');
    both('z', (p) => `map ${sum(p)}`);
    lines.push('self end = reduce fz over all scale 1', 'pair value = reduce kz over all scale 1');
    const head = 'program "random" nngp features 6 positions 3';
    return prune(parseProgram([head, ...lines, 'output nngp = value diagonal end'].join('\n')));
  });

function bodyOf({ kind, seed }: Drawn, a: string, b: string, matrix: string): string {
  switch (kind) {
    case 'shift':
      return `shiftSum ${a} scale 0.4 axes ${windows[seed]}`;
    case 'mix':
      return a === b ? `map 0.5*${a} + 0.2` : `map 0.5*${a} + 0.3*${b}`;
    case 'contract':
      return `contract ${a} matrix ${matrix}`;
    case 'softmax':
      // Of pairs there is none.
      return a.startsWith('f') ? `softmax ${a}` : `shiftSum ${a} scale 0.3 axes ${windows[seed]}`;
  }
}
