import { z } from 'zod';
import { count, real, std } from '../fields.ts';
import type { FieldsOf } from '../op.ts';

/** Names as in the reference library where it has them: posEmb its positional embeddings, posEmbValues its val_pos_emb. */
export const fields = {
  mechanism: z.enum(['softmax', 'identity', 'relu', 'abs']).default('softmax'),
  scaling: z.enum(['linear', 'sqrt']).default('linear'),
  keyStd: std.default(1),
  queryStd: std.default(1),
  valueStd: std.default(1),
  outStd: std.default(1),
  bStd: std.default(0),
  posEmb: z.enum(['none', 'sum', 'concat']).default('none'),
  posEmbStd: std.default(1),
  /** Of posEmb "concat"; as wide as the input if absent. */
  posEmbWidth: count.optional(),
  /** Covariance e^{−posEmbDecay |p − p'|^posEmbNorm} of embeddings, |·| to that power summed over axes; if absent they are independent. */
  posEmbDecay: z.number().positive().optional(),
  posEmbNorm: z.number().positive().max(2).default(2),
  /** Embeddings reach values too, not queries and keys alone. */
  posEmbValues: z.boolean().default(false),
  width: count.optional(),
  ntkWeight: real.default(1),
};
export type SelfAttention = FieldsOf<typeof fields>;
