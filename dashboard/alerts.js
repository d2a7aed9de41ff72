/** The list of alerts and the time line of events. */
import { html, useState } from './vendor/preact.js';
import { clock, since } from './format.js';
import { useLive } from './live.js';

export function AlertList({ alerts }) {
  if (alerts.length === 0) return html`<p class="calm"><i class="dot good"></i> All is well.</p>`;
  const sorted = alerts.toSorted((a, b) =>
    a.severity === b.severity ? b.since - a.since : a.severity === 'critical' ? -1 : 1,
  );
  return html`<ul class="alerts">${sorted.map(
    (alert) => html`<li key=${alert.id}
    class=${`note ${alert.severity === 'critical' ? 'bad' : 'warn'}`}>
    <b>${alert.title}</b> <small>${alert.severity}, for ${since(alert.since)}</small>
    <div>${alert.detail}</div></li>`,
  )}</ul>`;
}

const looks = { info: 'dim', warning: 'warn', critical: 'bad' };
const marks = { crash: '✕', alert: '△', event: '•', process: '◉', raft: '⬡', action: '☞' };

export function Timeline({ events, max = 100 }) {
  if (events.length === 0)
    return html`<p class="hint">Nothing has happened since this page was opened; the replay reaches back an hour.</p>`;
  return html`<ol class="timeline">${events.slice(0, max).map(
    (event, i) => html`<li
    key=${`${event.at} ${event.title} ${i}`}><time>${clock(event.at)}</time>
    <i class=${looks[event.severity]} title=${event.type}>${marks[event.type]}</i><div>
    <b>${event.title}</b>${event.process && html` <small>${event.process}</small>`}
    <div class="dim break">${event.detail}</div></div></li>`,
  )}</ol>`;
}

export function AlertsView() {
  const { alerts, events } = useLive();
  const [serious, setSerious] = useState(false);
  return html`<section class="card"><h1>Alerts</h1><${AlertList} alerts=${alerts} /></section>
    <section class="card"><div class="row"><h2 class="grow">Recent events</h2><label class="check">
      <input type="checkbox" checked=${serious} onChange=${(event) => {
        setSerious(event.target.checked);
      }} /> warnings only</label></div>
      <${Timeline} events=${serious ? events.filter((event) => event.severity !== 'info') : events} max=${300}
        /></section>`;
}
