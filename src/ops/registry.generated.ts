// Written by scripts/registry.ts from the folders of src/ops. Do not edit.
import { op as abReluOp } from './abRelu/index.ts';
import { op as cosOp } from './cos/index.ts';
import { op as denseOp } from './dense/index.ts';
import { op as elementwiseOp } from './elementwise/index.ts';
import { op as erfOp } from './erf/index.ts';
import { op as expOp } from './exp/index.ts';
import { op as geluOp } from './gelu/index.ts';
import { op as identityOp } from './identity/index.ts';
import { op as leakyReluOp } from './leakyRelu/index.ts';
import { op as reluOp } from './relu/index.ts';
import { op as repeatOp } from './repeat/index.ts';
import { op as sinOp } from './sin/index.ts';
import { op as sumOp } from './sum/index.ts';

export const ops = [
  abReluOp,
  cosOp,
  denseOp,
  elementwiseOp,
  erfOp,
  expOp,
  geluOp,
  identityOp,
  leakyReluOp,
  reluOp,
  repeatOp,
  sinOp,
  sumOp,
] as const;
