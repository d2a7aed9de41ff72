/** The supervision view: the tree beside what is selected in it. */
import { html, useState } from './vendor/preact.js';
import { Action } from './action.js';
import { clock, count, duration, rate, since } from './format.js';
import { useLive } from './live.js';
import { indexOf } from './picture.js';
import { send } from './session.js';
import { TreeMap } from './tree-map.js';
import { SearchableTree } from './tree.js';

export const Facts = ({ facts }) =>
  html`<dl class="facts">${facts
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

/** An actor of a region that stands for an object: its address ends with namespace/name below kind/shard. */
function ActorFacts({ process, address, note }) {
  const row = process.rows.get(address);
  if (row === undefined)
    return html`<p class="hint">This actor has left memory. It comes back with its next message.</p>`;
  const [, mailbox = 0, oldestMs = 0, handled = 0] = process.counts.get(address) ?? [];
  const below = indexOf(process).below.get(address)?.count ?? 0;
  return html`
    <${Facts} facts=${[
      ['Process', process.process],
      ['State', row.state ?? 'running'],
      ['Restarts', count(row.restarts ?? 0)],
      ['Waiting', mailbox === 0 ? 'none' : `${count(mailbox)}, the oldest for ${duration(oldestMs)}`],
      ['Handled', count(handled)],
      ['Rate', rate(process.rates.get(address)) || 'idle'],
      ['Below', below === 0 ? '' : count(below)],
    ]} />
    ${
      row.lastCrash &&
      html`<div class="note bad">
      <b>Crashed ${since(row.lastCrash.at)} ago</b> at ${clock(row.lastCrash.at)} on <code>
      ${row.lastCrash.messageType}</code>${row.lastCrash.count > 1 ? `, ${row.lastCrash.count} times so far` : ''}
      ${row.lastCrash.traceId ? html`, in <a href=${`#/trace/${row.lastCrash.traceId}`}>this trace</a>` : ''}
      <pre>${row.lastCrash.error}</pre></div>`
    }
    ${
      note ??
      html`<div class="row"><${Action} label="Restart" right=${{ path: '/troupe/api/actors/restart', verb: 'post' }}
      question=${{
        title: `Restart ${address}?`,
        text:
          below > 0
            ? 'The actors below it restart too. Waiting messages are kept.'
            : 'It starts with a fresh state; waiting messages are kept.',
        action: 'Restart',
      }}
      run=${async () => {
        const answer = await send('POST', '/troupe/api/actors/restart', { process: process.process, address });
        return answer.message;
      }} /></div>`
    }`;
}

function ProcessFacts({ process }) {
  return html`<${Facts} facts=${[
    ['Role', process.role],
    ['State', process.silent ? `silent for ${since(process.at)}` : 'live'],
    ['Uptime', since(process.startedAt)],
    ['Actors', count(process.rows.size)],
    ['Memory', process.figures && `${(process.figures.residentBytes / 1048576).toFixed(0)} MiB`],
    ['CPU', process.cpuShare === undefined ? '' : `${(process.cpuShare * 100).toFixed(1)} %`],
    ['Event loop', process.figures && `${process.figures.loopLagMs.toFixed(1)} ms late at most`],
  ]} />`;
}

/** What is known of the chosen actor or process. `note` stands in place of the buttons where the past is shown. */
export function Selected({ picture, selected, note, onClose }) {
  const process = picture.processes.get(selected.process);
  const title = selected.address ?? selected.process;
  return html`<aside class="card selected" aria-label="Selected actor">
    <div class="row"><h2 class="grow break">${title}</h2>
      <button class="quiet" aria-label="Close" onClick=${onClose}>✕</button></div>
    ${
      process === undefined
        ? html`<p class="hint">This process is gone.</p>`
        : selected.address === undefined
          ? html`<${ProcessFacts} process=${process} />`
          : html`<${ActorFacts}
      process=${process} address=${selected.address} note=${note} />`
    }
  </aside>`;
}

export function TreeView() {
  const { picture } = useLive();
  const [selected, setSelected] = useState();
  const select = (item) => {
    setSelected({ key: item.key, process: item.process.process, address: item.row?.address });
  };
  return html`<div class=${`split ${selected ? 'open' : ''}`}>
    <section class="card fill"><h1>Supervision</h1>
      <${TreeMap} picture=${picture} selected=${selected?.key} onSelect=${select} />
      <${SearchableTree} picture=${picture} selected=${selected?.key} tall onSelect=${select} />
    </section>
    ${
      selected &&
      html`<${Selected} picture=${picture} selected=${selected} onClose=${() => {
        setSelected(undefined);
      }} />`
    }
  </div>`;
}
