/** Runs of `troupe chaos` that break this cluster just now: how far each is, what breaks and what its clients feel. */
import { html } from './vendor/preact.js';
import { count, duration } from './format.js';
import { useObjects } from './use-objects.js';

const namespaces = `/api/v1/namespaces?labelSelector=${encodeURIComponent('troupe.dev/chaos=true')}`;

function runOf(namespace) {
  try {
    return JSON.parse(namespace.metadata.annotations['troupe.dev/chaos-run']);
  } catch {
    return undefined;
  }
}

const looks = { began: 'warn', ended: 'good', failed: 'bad' };
const words = { began: 'in force', ended: 'over', failed: 'had no effect' };

const Fault = ({ fault: { beganMs, moment, spec, victim, proof } }) =>
  html`<li><time>${duration(beganMs)}</time><i class=${looks[moment]} title=${words[moment]}>☇</i>
    <div><b>${spec}</b> <small>${victim} ${words[moment]}</small><div class="dim break">${proof}</div></div></li>`;

function Run({ run }) {
  const { name, summary, atMs, durationMs, faults, probes, complaints } = run;
  return html`<section class="card chaos"><h2>Chaos: ${name}</h2>
    <p class="dim">${summary}</p>
    <div class="row"><span class="progress grow">
        <i class="ready" style=${{ width: `${Math.min(100, (100 * atMs) / durationMs)}%` }}></i></span>
      <span>${duration(atMs)} of ${duration(durationMs)}</span></div>
    <p>${probes.map(
      (probe) => html`<span key=${probe.name} class="pill ${probe.failures > 0 ? 'warn' : ''}">
      ${probe.name} ${count(probe.attempts)}${probe.failures > 0 ? `, ${count(probe.failures)} failed` : ''}</span> `,
    )}</p>
    ${complaints.length > 0 && html`<p class="note warn">${complaints.join(', ')}</p>`}
    <ol class="timeline">${faults.toReversed().map((fault) => html`<${Fault} key=${fault.id} fault=${fault} />`)}</ol>
  </section>`;
}

export function ChaosRuns() {
  const found = useObjects(namespaces);
  const runs = [...(found?.values() ?? [])].map(runOf).filter((run) => run !== undefined);
  return html`${runs.map((run) => html`<${Run} key=${run.name} run=${run} />`)}`;
}
