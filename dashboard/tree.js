/** A tree of any size: only the rows in sight are in the page. */
import { html, useEffect, useMemo, useRef, useState } from './vendor/preact.js';
import { count, duration, rate } from './format.js';
import { indexOf, nameOf } from './picture.js';

const rowPixels = 30;
const sparePixels = 240;

const troubled = (row) => (row.restarts ?? 0) > 0 || row.state === 'backoff' || row.state === 'parked';
const filters = {
  all: () => true,
  restarted: troubled,
  crashed: (row) => row.lastCrash !== undefined,
  waiting: (row, process) => (process.counts.get(row.address)?.[1] ?? 0) > 0,
  busy: (row, process) => process.rates.has(row.address),
};
export const filterNames = Object.keys(filters);

/** Rows in the order they are shown. With a search or a filter: what matches, and the way to it. */
function visibleRows(picture, { open, text, filter }) {
  const rows = [];
  const narrowed = text !== '' || filter !== 'all';
  const wanted = text.toLowerCase();
  for (const process of picture.sorted()) {
    const { children, below } = indexOf(process);
    const shown = narrowed ? matching(process, wanted, filters[filter]) : undefined;
    if (narrowed && shown.size === 0 && !process.process.toLowerCase().includes(wanted)) continue;
    const key = process.process;
    const isOpen = narrowed || open.get(key) !== false;
    rows.push({
      key,
      process,
      depth: 0,
      name: process.process,
      isOpen,
      hasChildren: process.rows.size > 0,
      below: below.get(''),
    });
    const visit = (parent, depth) => {
      for (const row of children.get(parent) ?? []) {
        if (shown !== undefined && !shown.has(row.address)) continue;
        const rowKey = `${key} ${row.address}`;
        const inner = children.get(row.address);
        const rowOpen = inner !== undefined && (narrowed ? open.get(rowKey) !== false : open.get(rowKey) === true);
        rows.push({
          key: rowKey,
          process,
          row,
          depth,
          name: nameOf(row),
          isOpen: rowOpen,
          hasChildren: inner !== undefined,
          below: below.get(row.address),
        });
        if (rowOpen) visit(row.address, depth + 1);
      }
    };
    if (isOpen) visit('', 1);
  }
  return rows;
}

/** Addresses that match, and those above them. */
function matching(process, wanted, passes) {
  const shown = new Set();
  for (const row of process.rows.values()) {
    if (!passes(row, process) || !row.address.toLowerCase().includes(wanted)) continue;
    for (
      let at = row;
      at !== undefined && !shown.has(at.address);
      at = at.parent === undefined ? undefined : process.rows.get(at.parent)
    )
      shown.add(at.address);
  }
  return shown;
}

const stateLooks = { running: 'good', starting: 'warn', backoff: 'bad', parked: 'bad', stopped: 'dim' };

const stay = (event) => {
  event.stopPropagation();
};

/**
 * Chosen when the button goes down: rows come and go, and a click is lost whose row moved before the button came up.
 */
function Row({ item, selected, onSelect, onToggle }) {
  const { process, row, depth, name, isOpen, hasChildren, below } = item;
  const [, mailbox = 0, oldestMs = 0, handled = 0] = row === undefined ? [] : (process.counts.get(row.address) ?? []);
  const state = row === undefined ? (process.silent ? 'silent' : process.role) : (row.state ?? 'running');
  const look = row === undefined ? (process.silent ? 'bad' : 'good') : (stateLooks[state] ?? 'dim');
  return html`<div class="tree-row" role="treeitem" id=${`row ${item.key}`} aria-level=${depth + 1}
    aria-expanded=${hasChildren ? isOpen : undefined} aria-selected=${selected} aria-label=${`${name}, ${state}`}
    onMouseDown=${onSelect} onClick=${onSelect}>
    <span class=${`tree-name depth-${Math.min(depth, 6)}`}>
      <button class="twist" tabindex="-1" aria-hidden="true" onMouseDown=${stay} onClick=${(event) => {
        stay(event);
        onToggle();
      }}>${hasChildren ? (isOpen ? '▾' : '▸') : ''}</button>
      <i class=${`dot ${look}`} title=${state}></i>
      <code class=${row === undefined ? 'process' : ''}>${name}</code>
      ${hasChildren && !isOpen && html`<small>${below?.count ?? 0} below</small>`}
      ${
        hasChildren &&
        !isOpen &&
        (below?.trouble ?? 0) > 0 &&
        html`<small class="warn">
        ${below.trouble} restarted</small>`
      }
    </span>
    <span class=${`tree-state ${look}`}>${state === 'running' ? '' : state}</span>
    <span class="tree-number warn">${row?.restarts ? `↻ ${row.restarts}` : ''}</span>
    <span class=${`tree-number ${oldestMs > 1000 ? 'bad' : ''}`}>
      ${mailbox > 0 ? `${mailbox} · ${duration(oldestMs)}` : ''}</span>
    <span class="tree-number">${row === undefined ? '' : rate(process.rates.get(row.address))}</span>
    <span class="tree-number dim">${handled > 0 ? count(handled) : ''}</span>
    <span class="tree-crash" title=${row?.lastCrash?.error}>${
      row?.lastCrash
        ? html`<b>
      ${row.lastCrash.messageType}</b> ${row.lastCrash.error}`
        : ''
    }</span>
  </div>`;
}

/** `picture`: what to show; `beat` changes when it did. `onSelect` gets {process, row}. */
export function Tree({ picture, text, filter, selected, onSelect, tall }) {
  const [open] = useState(() => new Map());
  const [, setChange] = useState(0);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const place = useRef();
  const rows = visibleRows(picture, { open, text, filter });
  const from = Math.max(0, Math.floor((top - sparePixels) / rowPixels));
  const to = Math.min(rows.length, Math.ceil((top + height + sparePixels) / rowPixels));
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => {
      setHeight(entry.contentRect.height);
    });
    watcher.observe(place.current);
    return () => {
      watcher.disconnect();
    };
  }, []);
  const toggle = (item, to = !item.isOpen) => {
    open.set(item.key, to);
    setChange((change) => change + 1);
  };
  const at = rows.findIndex((item) => item.key === selected);
  const select = (item) => {
    onSelect(item);
    const position = rows.indexOf(item) * rowPixels;
    if (position < place.current.scrollTop) place.current.scrollTop = position;
    else if (position + rowPixels > place.current.scrollTop + place.current.clientHeight)
      place.current.scrollTop = position + rowPixels - place.current.clientHeight;
  };
  const onKeyDown = (event) => {
    const item = rows[at];
    const moves = {
      ArrowDown: () => rows[at + 1] && select(rows[at + 1]),
      ArrowUp: () => rows[at - 1] && select(rows[at - 1]),
      Home: () => rows[0] && select(rows[0]),
      End: () => rows.length > 0 && select(rows.at(-1)),
      ArrowRight: () =>
        item && (item.isOpen ? rows[at + 1] && select(rows[at + 1]) : item.hasChildren && toggle(item, true)),
      ArrowLeft: () =>
        item &&
        (item.isOpen
          ? toggle(item, false)
          : select(rows.slice(0, at).findLast((other) => other.depth < item.depth) ?? item)),
      Enter: () => item && toggle(item),
    };
    if (moves[event.key] === undefined) return;
    event.preventDefault();
    moves[event.key]();
  };
  return html`<div class="tree">
    <div class="tree-row tree-head" aria-hidden="true"><span>Actor</span><span>State</span>
      <span class="tree-number">Restarts</span><span class="tree-number">Waiting</span>
      <span class="tree-number">Rate</span><span class="tree-number">Handled</span><span>Last crash</span></div>
    <div class=${`tree-window ${tall ? 'tall' : ''}`} ref=${place} role="tree" tabindex="0"
      aria-label="Supervision tree" aria-activedescendant=${at < 0 ? undefined : `row ${selected}`}
      onKeyDown=${onKeyDown} onScroll=${(event) => {
        setTop(event.target.scrollTop);
      }}>
      <div role="presentation" style=${{ height: `${rows.length * rowPixels}px`, position: 'relative' }}>
        <div role="presentation" style=${{ position: 'absolute', top: `${from * rowPixels}px`, left: 0, right: 0 }}>
          ${rows.slice(from, to).map(
            (item) =>
              html`<${Row} key=${item.key} item=${item} selected=${item.key === selected} onSelect=${() => {
                select(item);
              }} onToggle=${() => {
                toggle(item);
              }} />`,
          )}
        </div>
      </div>
      ${rows.length === 0 && html`<p class="hint">Nothing matches.</p>`}
    </div>
  </div>`;
}

/** Search and filter, with the tree below. */
export function SearchableTree({ picture, selected, onSelect, tall }) {
  const [text, setText] = useState('');
  const [filter, setFilter] = useState('all');
  const total = useMemo(
    () => [...picture.processes.values()].reduce((sum, process) => sum + process.rows.size, 0),
    [picture, picture.processes, ...[...picture.processes.values()].map((process) => process.rows.size)],
  );
  return html`<div class="row wrap tools">
      <input type="search" placeholder="Find an actor  /" aria-label="Find an actor" value=${text} onInput=${(
        event,
      ) => {
        setText(event.target.value);
      }} />
      <div class="chips" role="group" aria-label="Show">${filterNames.map(
        (name) =>
          html`<button key=${name} class="chip" aria-pressed=${filter === name} onClick=${() => {
            setFilter(name);
          }}>${name}</button>`,
      )}</div>
      <small class="grow right">${total.toLocaleString('en')} actors in ${
        picture.processes.size === 1 ? '1 process' : `${picture.processes.size} processes`
      }</small>
    </div>
    <${Tree} picture=${picture} text=${text} filter=${filter} selected=${selected} onSelect=${onSelect} tall=${tall}
      />`;
}
