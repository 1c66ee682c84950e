export { openFolderStore, requireFolder } from './folderStore.ts';
export { openZarrMatrix } from './zarrMatrix.ts';
