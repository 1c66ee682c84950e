export { openFolderStore, requireFolder } from './folderStore.ts';
export { fingerprint } from './matrixFacts.ts';
export { openZarrMatrix } from './zarrMatrix.ts';
