export type { VerifyProgress } from './progress.ts';
export { reportHtml } from './report/index.ts';
export { verifyTable } from './table.ts';
export type {
  HierarchyKernel,
  HierarchyResult,
  HierarchyRoutes,
  VerifiedKernel,
  VerifyOptions,
  VerifyReport,
} from './types.ts';
export { verify } from './verify.ts';
