/** Style sheet of the HTML derivation: system fonts, light and dark. */
export const styles = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #57606a; --card: #f6f8fa; --ground: #ffffff; --ink: #1f2328; }
@media (prefers-color-scheme: dark) {
  :root { --line: #30363d; --soft: #8d96a0; --card: #161b22; --ground: #0d1117; --ink: #e6edf3; }
}
body { margin: 0; display: grid; grid-template-columns: 16rem minmax(0, 1fr); font: 16px/1.5 system-ui, sans-serif;
  background: var(--ground); color: var(--ink); }
nav { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; box-sizing: border-box; padding: 1.5rem 1rem;
  border-right: 1px solid var(--line); font-size: 0.875rem; }
nav ol { margin: 0; padding-left: 1.75rem; }
nav li { overflow-wrap: anywhere; }
nav a { color: inherit; }
main { padding: 1.5rem 2rem; max-width: 70rem; }
section { border: 1px solid var(--line); border-radius: 6px; background: var(--card); margin: 0 0 1rem; padding: 0.75rem 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 0.25rem; }
p { margin: 0 0 0.5rem; }
cite { color: var(--soft); font-style: normal; font-size: 0.875rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.875rem; }
.formula, pre { overflow-x: auto; margin: 0; padding: 0.25rem 0; }
.formula math { display: inline math; math-style: normal; font-size: 1.1em; }
mtd { text-align: left; }
details pre { border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; max-height: none; border: 0; } main { padding: 1rem; } }
@media print { nav { display: none; } body { display: block; } section { break-inside: avoid; } }
`;
