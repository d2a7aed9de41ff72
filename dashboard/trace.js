/** The way of one request through doors, store and actors of all processes: each step below the one that caused it. */
import { html, useEffect, useState } from './vendor/preact.js';
import { clock } from './format.js';
import { getJson } from './session.js';

function inOrder(steps) {
  const known = new Set(steps.map((step) => step.spanId));
  const below = Map.groupBy(steps, (step) => (known.has(step.parentId) ? step.parentId : ''));
  const rows = [];
  const visit = (step, depth) => {
    rows.push({ step, depth });
    for (const child of below.get(step.spanId) ?? []) visit(child, depth + 1);
  };
  for (const first of below.get('') ?? []) visit(first, 0);
  return rows;
}

function Steps({ steps }) {
  const begun = Math.min(...steps.map((step) => step.at));
  const all = Math.max(1, ...steps.map((step) => step.at + step.ms - begun));
  return html`<p class="hint">${steps.length} steps in ${new Set(steps.map((step) => step.process)).size} processes,
    from ${clock(begun)} on, within ${all.toFixed(0)} ms.</p>
    <div class="scroll"><table class="trace">
    <thead><tr><th>Step</th><th>Process</th><th class="number">After</th><th class="number">Took</th>
      <th>Time</th></tr></thead>
    <tbody>${inOrder(steps).map(
      ({ step, depth }) => html`<tr key=${step.spanId}>
      <td class=${`depth-${Math.min(depth, 6)}`}>${step.actor && html`<code>${step.actor}</code> `}${step.what}
        ${step.error && html` <span class="bad">${step.error}</span>`}</td>
      <td>${step.process}</td><td class="number">${(step.at - begun).toFixed(0)} ms</td>
        <td class="number">${step.ms.toFixed(1)} ms</td>
      <td class="bar"><i class=${step.error ? 'bad' : ''}
        style=${{
          marginLeft: `${((step.at - begun) / all) * 100}%`,
          width: `${Math.max(0.5, (step.ms / all) * 100)}%`,
        }}></i></td></tr>`,
    )}</tbody></table></div>`;
}

export function TraceView({ path }) {
  const id = path.slice(1);
  const [{ steps, silent, problem }, setFound] = useState({});
  useEffect(() => {
    setFound({});
    if (id === '') return undefined;
    const control = new AbortController();
    getJson(`/troupe/api/traces/${encodeURIComponent(id)}`, { signal: control.signal }).then(setFound, (error) => {
      if (!control.signal.aborted) setFound({ problem: error.message });
    });
    return () => {
      control.abort();
    };
  }, [id]);
  return html`<section class="card fill"><h1>Trace</h1>
    <form class="row wrap tools" onSubmit=${(event) => {
      event.preventDefault();
      location.hash = `#/trace/${new FormData(event.target).get('id').trim()}`;
    }}>
      <input type="search" name="id" placeholder="Trace id or Audit-ID" aria-label="Trace id or Audit-ID"
        defaultValue=${id} key=${id} required /><button class="primary">Show</button>
    </form>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${silent?.length > 0 && html`<p class="warn">No answer from ${silent.join(', ')}.</p>`}
    ${
      steps === undefined
        ? id === '' &&
          html`<p class="hint">Each answer to a write names its trace: the header Audit-ID (kubectl -v=8 shows it), as
            do crashes and the audit trail. Processes remember their newest steps.</p>`
        : steps.length === 0
          ? html`<p class="hint">No process remembers a step of it.</p>`
          : html`<${Steps} steps=${steps} />`
    }
  </section>`;
}
