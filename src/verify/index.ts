export { reportHtml } from './report/index.ts';
export { verifyTable } from './table.ts';
export { tolerances } from './tolerances.ts';
export type {
  ActivationCurves,
  BiasFit,
  KernelTest,
  LawResult,
  VerifiedKernel,
  VerifyOptions,
  VerifyProgress,
  VerifyReport,
  WidthResult,
} from './types.ts';
export { verify } from './verify.ts';
