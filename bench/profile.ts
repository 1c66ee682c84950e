/** Where the wasm target spends its time on one thread: differences between programs that do less. */
import { printCost } from '../src/codegen/plan/index.ts';
import { wasmCost } from '../src/codegen/targets/wasm/index.ts';
import { compile, derive, type Inputs, type Network } from '../src/index.ts';
import type { Program } from '../src/ir/program/index.ts';
import { sym } from '../src/ir/scalar/index.ts';
import type { CompiledKernel } from '../src/runtime/kernel.ts';
import { load } from '../src/runtime/load.ts';

/** What it costs; and milliseconds, best of the repetitions: prepare, inner products with their output, all after them. */
export async function profileOf(net: Network, x: Inputs, reps: string) {
  const kernel = await compile(net, { target: 'wasm', threads: 1 });
  const cost = printCost(wasmCost(kernel.program), x.n, x.n, true).trimEnd().split('\n');
  if (kernel.program.extents.length > 0) return { cost }; // of inputs with positions no part runs alone
  const bare = await load(onlyInner(derive(net, 'ntk').program), { target: 'wasm', threads: 1 });
  const best = async (run: () => Promise<unknown>) => {
    let least = Number.POSITIVE_INFINITY;
    for (let r = 0; r <= Number(reps); r++) {
      const start = performance.now();
      await run();
      least = Math.min(least, performance.now() - start);
    }
    return least;
  };
  const fill = async (k: CompiledKernel) => {
    const a = await k.prepare(x);
    return best(async () => k.matrix?.({ a, b: a, symmetric: true, rows: [0, a.n], output: 0 }));
  };
  const prepare = await best(async () => kernel.prepare(x));
  const [whole, inner] = [await fill(kernel), await fill(bare)];
  const round = (v: number) => Number(v.toFixed(1));
  return { cost, prepare_ms: round(prepare), inner_ms: round(inner), rest_ms: round(whole - inner) };
}

/** The program that puts out its inner products. */
function onlyInner(program: Program): Program {
  const inner = program.statements.filter((s) => s.kind === 'inner');
  const nameOf = (domain: 'self' | 'pair') => sym(inner.find((s) => s.domain === domain)?.name ?? '');
  return {
    ...program,
    weights: [],
    statements: inner,
    outputs: [{ name: 'inner', pair: nameOf('pair'), self: nameOf('self') }],
  };
}
