/** The supervision tree as a picture: what is down, restarted, waiting or hot, of all actors at one look. */
import { html } from './vendor/preact.js';
import { count } from './format.js';
import { indexOf } from './picture.js';

/** Cells of one process; where it has more actors, a cell stands for several, and shows the one in most trouble. */
const cellsMax = 240;
/** Messages a second from which an actor counts as hot. */
const hotRate = 10;

/** The worst first. */
const looks = ['down', 'waiting', 'restarted', 'hot', 'busy', 'idle'];
const words = {
  down: 'down or restarting',
  waiting: 'with messages that wait',
  restarted: 'restarted before',
  hot: 'hot',
  busy: 'busy',
  idle: 'idle',
};

function lookOf(row, process) {
  const [, mailbox = 0] = process.counts.get(row.address) ?? [];
  const perSecond = process.rates.get(row.address) ?? 0;
  if (['starting', 'backoff', 'parked', 'stopped'].includes(row.state)) return 'down';
  if (mailbox > 0) return 'waiting';
  if ((row.restarts ?? 0) > 0) return 'restarted';
  return perSecond >= hotRate ? 'hot' : perSecond > 0 ? 'busy' : 'idle';
}

/** In the order of the tree. */
function rowsOf(process) {
  const { children } = indexOf(process);
  const rows = [];
  const visit = (parent) => {
    for (const row of children.get(parent) ?? []) {
      rows.push(row);
      visit(row.address);
    }
  };
  visit('');
  return rows;
}

/** Each with the actor to show when it is pressed. */
function cellsOf(process) {
  const rows = rowsOf(process).map((row) => ({ row, look: lookOf(row, process) }));
  const share = Math.ceil(rows.length / cellsMax);
  return Array.from({ length: Math.ceil(rows.length / Math.max(1, share)) }, (_, i) =>
    rows
      .slice(i * share, (i + 1) * share)
      .reduce((worst, each) => (looks.indexOf(each.look) < looks.indexOf(worst.look) ? each : worst)),
  );
}

function ProcessMap({ process, selected, onSelect }) {
  const cells = cellsOf(process);
  const counts = Map.groupBy(cells, ({ look }) => look);
  const told = looks.filter((look) => look !== 'idle' && counts.has(look));
  const summary = told.map((look) => `${count(counts.get(look).length)} ${words[look]}`).join(', ') || 'all idle';
  return html`<figure class=${`tree-map ${process.silent ? 'silent' : ''}`}>
    <figcaption><b>${process.process}</b> <small>${process.silent ? 'silent' : summary}</small></figcaption>
    <div role="img" aria-label=${`${process.process}: ${summary}`}>${cells.map(({ row, look }) => {
      const key = `${process.process} ${row.address}`;
      return html`<i key=${row.address} class=${`cell ${look} ${key === selected ? 'chosen' : ''}`}
        title=${`${row.address}, ${words[look]}`} onClick=${() => {
          onSelect({ key, process, row });
        }}></i>`;
    })}</div>
  </figure>`;
}

export const TreeMap = ({ picture, selected, onSelect }) =>
  html`<div class="tree-maps">${picture
    .sorted()
    .map(
      (process) =>
        html`<${ProcessMap} key=${process.process} process=${process} selected=${selected} onSelect=${onSelect} />`,
    )}
    <small class="legend">${looks.map(
      (look) => html`<span key=${look}><i class=${`cell ${look}`}></i> ${words[look]}</span>`,
    )}</small></div>`;
