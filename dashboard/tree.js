import { html, useMemo, useState } from './vendor/preact.js';

const looks = { running: 'good', starting: 'warn', backoff: 'bad', stopped: 'bad', passive: '' };
/** Children beyond this are summed up, so that a large tree stays smooth. */
const shownMax = 200;

const hasTrouble = (node) => node.restarts > 0 || node.state === 'backoff' || node.children.some(hasTrouble);
const matches = (node, text) => node.address.includes(text) || node.children.some((child) => matches(child, text));
const count = (node) => node.children.reduce((sum, child) => sum + count(child), 1);

function Actor({ node, text, depth }) {
  const [open, setOpen] = useState(depth < 1);
  const shown = open || text !== '';
  const children = text === '' ? node.children : node.children.filter((child) => matches(child, text));
  return html`<li>
    <div>
      <button aria-expanded=${shown} aria-label=${`${shown ? 'Close' : 'Open'} ${node.name}`} onClick=${() => { setOpen(!open); }}>${node.children.length === 0 ? '·' : shown ? '▾' : '▸'}</button>
      <code>${node.name}</code>
      <span class=${looks[node.state] ?? ''}>${node.state}</span>
      <small>${node.handled} handled${node.children.length > 0 && !shown ? ` · ${count(node) - 1} below` : ''}</small>
      ${node.mailbox > 0 && html`<span class="warn">${node.mailbox} waiting</span>`}
      ${node.restarts > 0 && html`<span class="warn">${node.restarts} restarts</span>`}
      ${node.lastCrash && html`<small class="bad">${node.lastCrash.messageType}: ${node.lastCrash.error}</small>`}
    </div>
    ${shown && children.length > 0 && html`<ul class="tree">
      ${children.slice(0, shownMax).map((child) => html`<${Actor} key=${child.address} node=${child} text=${text} depth=${depth + 1} />`)}
      ${children.length > shownMax && html`<li><small>and ${children.length - shownMax} more; search to narrow</small></li>`}
    </ul>`}
  </li>`;
}

/** The live supervision tree. */
export function Tree({ root }) {
  const [text, setText] = useState('');
  const total = useMemo(() => (root ? count(root) : 0), [root]);
  if (!root) return html`<section><h2>Supervision</h2><p class="hint">Waiting for the tree…</p></section>`;
  return html`<section>
    <h2>Supervision <small>${total} actors${hasTrouble(root) ? html`, <span class="warn">some were restarted</span>` : ''}</small></h2>
    <p><input type="search" placeholder="Find an actor" aria-label="Find an actor" value=${text} onInput=${(event) => { setText(event.target.value); }} /></p>
    <ul class="tree">${root.children.filter((child) => text === '' || matches(child, text)).map((child) => html`<${Actor} key=${child.address} node=${child} text=${text} depth=${0} />`)}</ul>
  </section>`;
}
