/** What pages of derivations have in common: formulas in MathML, no script, no font, nothing loaded from anywhere. */
import { escapeHtml } from './escapeHtml.ts';
import { styles } from './styles.ts';

/** TeX as MathML, on a line of its own or within one. */
export type RenderTex = (tex: string, displayMode: boolean) => string;

export async function texRenderer(): Promise<RenderTex> {
  const { renderToString } = await import('katex');
  return (tex, displayMode) =>
    withPlainLetters(
      renderToString(tex, { output: 'mathml', displayMode, throwOnError: true, strict: 'error', trust: false }),
    );
}

/** MathML Core knows no mathvariant but normal: 𝔼 and 𝒩 must be letters of their own. */
const withPlainLetters = (mathml: string): string =>
  mathml
    .replaceAll('<mi mathvariant="double-struck">E</mi>', '<mi>𝔼</mi>')
    .replaceAll('<mi mathvariant="script">N</mi>', '<mi>𝒩</mi>');

/**
 * One HTML file.
 * @param title text; `contents` and `main` are HTML
 */
export const htmlPage = (title: string, contents: string, main: readonly string[]): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${styles}</style>`,
    '</head>',
    '<body>',
    `<nav aria-label="Contents">${contents}</nav>`,
    '<main>',
    ...main,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
