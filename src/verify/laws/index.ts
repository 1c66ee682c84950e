import type { LawResult } from '../types.ts';
import { expectationLaws } from './expectation.ts';
import { gramLaws } from './gram.ts';
import { rememberedGrams } from './grams.ts';
import { type Finding, type Law, type LawContext, resultOf } from './law.ts';
import { targetLaws } from './targets.ts';
import { weightedLaws } from './weighted.ts';

/** Every law, in the order of a report. */
const laws: readonly Law[] = [...gramLaws, ...expectationLaws, ...weightedLaws, ...targetLaws];

/** Checks every law; one that cannot be evaluated, say for a kernel that is NaN, has failed. */
export async function runLaws(about: Omit<LawContext, 'gramOf'>): Promise<readonly LawResult[]> {
  const context: LawContext = { ...about, gramOf: rememberedGrams(about) };
  const results: LawResult[] = [];
  for (const [k, law] of laws.entries()) {
    context.signal?.throwIfAborted();
    results.push(...(await findings(law, context)).map((finding) => resultOf(law, finding)));
    context.onProgress?.({ stage: 'laws', done: k + 1, total: laws.length });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return results;
}

async function findings(law: Law, context: LawContext): Promise<readonly Finding[]> {
  try {
    return await law.run(context);
  } catch (error) {
    if (context.signal?.aborted) throw error;
    const at = error instanceof Error ? error.message : String(error);
    return [{ subject: context.kernels.join(', '), error: Number.NaN, allowed: 0, at: at.slice(0, 200) }];
  }
}
