/** Vega-Lite specifications to SVG text, without a browser. Both libraries are loaded only here. */
import type { TopLevelSpec } from 'vega-lite';
import { escapeHtml } from '../../derive/explain/escapeHtml.ts';

/** Colours that are told apart in both light and dark surroundings, and by colour-blind readers. */
export const colours = { limit: '#3987c9', measured: '#e0762b', other: '#8a8f98' } as const;

const text = 'currentColor';
const config = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: '#8a8f9855' },
  axis: {
    labelColor: text,
    titleColor: text,
    domainColor: '#8a8f98',
    tickColor: '#8a8f98',
    gridColor: '#8a8f9833',
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  legend: { labelColor: text, titleColor: text, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal' },
  title: { color: text, subtitleColor: text, fontSize: 13, subtitleFontSize: 11, anchor: 'start', fontWeight: 600 },
} as const;

/** SVG text, with the specification's description as its label for screen readers. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const compiled = compile({ ...spec, config } as TopLevelSpec).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Error });
  try {
    const svg = await view.toSVG();
    return withLabel(svg, typeof spec.description === 'string' ? spec.description : 'plot');
  } finally {
    view.finalize();
  }
}

/** One label for the whole picture: the thousand labels of single marks say nothing to a listener. */
function withLabel(svg: string, description: string): string {
  const plain = svg.replaceAll(/ (?:role|aria-[a-z]+)="[^"]*"/g, '');
  return plain.replace('<svg ', `<svg role="img" aria-label="${escapeHtml(description)}" `);
}
