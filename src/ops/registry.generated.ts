// Written by scripts/registry.ts from the folders of src/ops. Do not edit.
import { op as abReluOp } from './abRelu/index.ts';
import { op as absOp } from './abs/index.ts';
import { op as aggregateOp } from './aggregate/index.ts';
import { op as avgPoolOp } from './avgPool/index.ts';
import { op as concatOp } from './concat/index.ts';
import { op as convOp } from './conv/index.ts';
import { op as convLocalOp } from './convLocal/index.ts';
import { op as convTransposeOp } from './convTranspose/index.ts';
import { op as cosOp } from './cos/index.ts';
import { op as denseOp } from './dense/index.ts';
import { op as dropoutOp } from './dropout/index.ts';
import { op as elementwiseOp } from './elementwise/index.ts';
import { op as erfOp } from './erf/index.ts';
import { op as expOp } from './exp/index.ts';
import { op as expNormalizedOp } from './expNormalized/index.ts';
import { op as flattenOp } from './flatten/index.ts';
import { op as gaborOp } from './gabor/index.ts';
import { op as gaussianOp } from './gaussian/index.ts';
import { op as geluOp } from './gelu/index.ts';
import { op as globalAvgPoolOp } from './globalAvgPool/index.ts';
import { op as globalSumPoolOp } from './globalSumPool/index.ts';
import { op as hermiteOp } from './hermite/index.ts';
import { op as identityOp } from './identity/index.ts';
import { op as imageResizeOp } from './imageResize/index.ts';
import { op as indexOp } from './index/index.ts';
import { op as layerNormOp } from './layerNorm/index.ts';
import { op as leakyReluOp } from './leakyRelu/index.ts';
import { op as maxPoolOp } from './maxPool/index.ts';
import { op as monomialOp } from './monomial/index.ts';
import { op as polynomialOp } from './polynomial/index.ts';
import { op as productOp } from './product/index.ts';
import { op as rbfOp } from './rbf/index.ts';
import { op as rectifiedMonomialOp } from './rectifiedMonomial/index.ts';
import { op as reluOp } from './relu/index.ts';
import { op as repeatOp } from './repeat/index.ts';
import { op as rnnOp } from './rnn/index.ts';
import { op as selfAttentionOp } from './selfAttention/index.ts';
import { op as sigmoidLikeOp } from './sigmoidLike/index.ts';
import { op as signOp } from './sign/index.ts';
import { op as sinOp } from './sin/index.ts';
import { op as sumOp } from './sum/index.ts';
import { op as sumPoolOp } from './sumPool/index.ts';

export const ops = [
  abReluOp,
  absOp,
  aggregateOp,
  avgPoolOp,
  concatOp,
  convOp,
  convLocalOp,
  convTransposeOp,
  cosOp,
  denseOp,
  dropoutOp,
  elementwiseOp,
  erfOp,
  expOp,
  expNormalizedOp,
  flattenOp,
  gaborOp,
  gaussianOp,
  geluOp,
  globalAvgPoolOp,
  globalSumPoolOp,
  hermiteOp,
  identityOp,
  imageResizeOp,
  indexOp,
  layerNormOp,
  leakyReluOp,
  maxPoolOp,
  monomialOp,
  polynomialOp,
  productOp,
  rbfOp,
  rectifiedMonomialOp,
  reluOp,
  repeatOp,
  rnnOp,
  selfAttentionOp,
  sigmoidLikeOp,
  signOp,
  sinOp,
  sumOp,
  sumPoolOp,
] as const;
