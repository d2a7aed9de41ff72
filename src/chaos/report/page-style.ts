/** The look of the report's page. */

/** Light and dark, and nothing from elsewhere. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1d232b; --soft: #5d6875; --line: #d9dee4; --ground: #fff; --panel: #f6f7f9;
  --good: #1a7f4b; --bad: #c4314b; --warn: #a86400; --accent: #2563a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ed; --soft: #98a3b0; --line: #323a44; --ground: #14181d;
  --panel: #1c2128; --good: #4cc38a; --bad: #ff6b81; --warn: #e0a44a; --accent: #6cb0f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1200px; padding: 28px 20px 60px; background: var(--ground); color: var(--ink);
  font: 14px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 34px 0 8px; }
p { margin: 4px 0; } .soft { color: var(--soft); }
.verdict { display: inline-block; padding: 2px 12px; border-radius: 12px; font-weight: 600; color: var(--ground); }
.kept, .held { --mark: var(--good); } .broken { --mark: var(--bad); }
.undecided, .sick, .no-effect { --mark: var(--warn); } .impossible { --mark: var(--soft); }
.verdict { background: var(--mark); } .mark { color: var(--mark); font-weight: 600; }
ul.reasons { margin: 10px 0 0; padding-left: 20px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
details { background: var(--panel); border-radius: 6px; padding: 6px 12px; margin: 6px 0; }
summary { cursor: pointer; }
.scroll { overflow-x: auto; } svg { width: 100%; min-width: 760px; height: auto; display: block; }
svg text { font: 10.5px system-ui, sans-serif; fill: var(--ink); } svg .tick { fill: var(--soft); font-size: 10px; }
svg .name { font-weight: 600; font-size: 12px; } svg .grid { stroke: var(--line); stroke-width: 1; }
svg .shade { fill: var(--warn); opacity: 0.09; } svg .fault rect { fill: var(--warn); }
svg .fault.no-effect rect { fill: var(--soft); }
svg .up { fill: var(--good); opacity: 0.35; } svg .out { fill: var(--bad); }
svg .failed { fill: var(--bad); opacity: 0.28; }
svg .p99 { fill: none; stroke: var(--accent); stroke-width: 1.4; } svg .dot { fill: var(--accent); opacity: 0.75; }
`;
