/** One object: YAML, Events, and for pods logs and exec. `path` is its path in the API. */
import { html, useEffect, useRef, useState } from './vendor/preact.js';
import { Action, toast, useMay } from './action.js';
import { since } from './format.js';
import { DeletePod, podState } from './pods.js';
import { call, getJson, send } from './session.js';
import { Exec } from './exec.js';
import { Logs } from './logs.js';
import { useObjects } from './use-objects.js';

function placeOf(path) {
  const parts = path.split('/').filter(Boolean);
  const core = parts[0] === 'api';
  const rest = parts.slice(core ? 2 : 3);
  const namespaced = rest[0] === 'namespaces' && rest.length > 2;
  const [resource, name] = namespaced ? rest.slice(2) : rest;
  return { group: core ? '' : parts[1], resource, name, ...(namespaced ? { namespace: rest[1] } : {}) };
}

function Yaml({ path, place }) {
  const [text, setText] = useState();
  const [draft, setDraft] = useState();
  const [problem, setProblem] = useState();
  const mayUpdate = useMay({
    verb: 'update',
    group: place.group,
    resource: place.resource,
    name: place.name,
    ...(place.namespace ? { namespace: place.namespace } : {}),
  });
  const load = () =>
    call(path, { headers: { accept: 'application/yaml' } })
      .then((response) => response.text())
      .then(
        (found) => {
          setText(found);
          setProblem(undefined);
        },
        (error) => {
          setProblem(error.message);
        },
      );
  useEffect(() => {
    void load();
  }, [path]);
  const save = async () => {
    try {
      await send('PUT', path, draft, 'application/yaml');
      toast('Saved.');
      setDraft(undefined);
      await load();
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`<div class="row end">${
    draft === undefined
      ? html`<button class="small" onClick=${load}>Reload</button>${
          mayUpdate &&
          html`<button class="small" disabled=${text === undefined} onClick=${() => {
            setDraft(text);
          }}>Edit</button>`
        }`
      : html`<button class="small" onClick=${() => {
          setDraft(undefined);
          setProblem(undefined);
        }}>Cancel</button><button class="small primary" onClick=${save}>Save</button>`
  }</div>
    ${problem && html`<p class="note bad" role="alert">${problem}</p>`}
    ${
      draft === undefined
        ? html`<pre class="code" tabindex="0" aria-label="YAML">${text ?? 'Loading…'}</pre>`
        : html`<textarea class="code" aria-label="YAML" spellcheck="false" value=${draft} onInput=${(event) => {
            setDraft(event.target.value);
          }}></textarea>`
    }`;
}

function Events({ object }) {
  const where = object.metadata.namespace === undefined ? '' : `/namespaces/${object.metadata.namespace}`;
  const events = useObjects(
    `/api/v1${where}/events?fieldSelector=${encodeURIComponent(`involvedObject.uid=${object.metadata.uid}`)}`,
  );
  if (events?.denied) return html`<p class="note warn">${events.denied}</p>`;
  const timeOf = (event) =>
    event.lastTimestamp ?? event.series?.lastObservedTime ?? event.eventTime ?? event.metadata.creationTimestamp;
  const sorted = [...(events?.values() ?? [])].sort((a, b) => timeOf(b).localeCompare(timeOf(a)));
  return html`<ol class="timeline">${sorted.map(
    (event) => html`<li key=${event.metadata.uid}>
    <time>${since(timeOf(event))}</time><i class=${event.type === 'Warning' ? 'warn' : 'dim'}>
    ${event.type === 'Warning' ? '△' : '•'}</i><div>
    <b>${event.reason}</b>${(event.count ?? 1) > 1 && html` <small>${event.count} times</small>`} <small>
    ${event.source?.component ?? event.reportingComponent ?? ''}</small>
    <div class="dim break">${event.message}</div></div></li>`,
  )}</ol>
    ${events !== undefined && sorted.length === 0 && html`<p class="hint">No events in the last hour.</p>`}`;
}

function Conditions({ object }) {
  const conditions = object.status?.conditions;
  if (!Array.isArray(conditions) || conditions.length === 0) return null;
  return html`<div class="row wrap">${conditions.map(
    (condition) => html`<span key=${condition.type}
    class=${`pill ${condition.status === 'True' ? 'good' : 'dim'}`} title=${condition.message ?? ''}>
    ${condition.type}: ${condition.status}</span>`,
  )}</div>`;
}

function Tabs({ names, chosen, onChoose }) {
  const place = useRef();
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = names[(names.indexOf(chosen) + step + names.length) % names.length];
    onChoose(next);
    place.current.querySelector(`[data-tab="${next}"]`)?.focus();
  };
  return html`<div class="tabs" role="tablist" ref=${place} onKeyDown=${onKeyDown}>${names.map(
    (name) =>
      html`<button key=${name} role="tab" data-tab=${name} aria-selected=${name === chosen}
        tabindex=${name === chosen ? 0 : -1} onClick=${() => {
          onChoose(name);
        }}>${name}</button>`,
  )}</div>`;
}

export function ObjectView({ path }) {
  const place = placeOf(path);
  const [object, setObject] = useState();
  const [problem, setProblem] = useState();
  const [tab, setTab] = useState('YAML');
  const isPod = place.resource === 'pods' && place.group === '';
  const right = (subresource, verb) => ({
    verb,
    resource: 'pods',
    subresource,
    namespace: place.namespace,
    name: place.name,
  });
  const mayLog = useMay(right('log', 'get'));
  const mayExec = useMay(right('exec', 'create'));
  useEffect(() => {
    const load = () =>
      getJson(path).then(
        (found) => {
          setObject(found);
          setProblem(undefined);
        },
        (error) => {
          setProblem(error.message);
        },
      );
    void load();
    const timer = setInterval(load, 3000);
    return () => {
      clearInterval(timer);
    };
  }, [path]);
  const tabs = ['YAML', 'Events', ...(isPod && mayLog ? ['Logs'] : []), ...(isPod && mayExec ? ['Exec'] : [])];
  const [state, look] = isPod && object !== undefined ? podState(object) : [];
  const { group, resource, name, namespace } = place;
  return html`<section class="card">
    <a class="back" href="#/objects">← Objects</a>
    <div class="row wrap"><h1 class="break">${name}</h1>${state && html`<span class=${`pill ${look}`}>${state}</span>`}
      <small>${object?.kind ?? resource}${namespace ? ` · ${namespace}` : ''}
      ${object ? ` · ${since(object.metadata.creationTimestamp)}` : ''}</small><span class="grow"></span>
      ${
        isPod
          ? object && html`<${DeletePod} pod=${object} small=${false} />`
          : html`<${Action} label="Delete" danger right=${{
              verb: 'delete',
              group,
              resource,
              name,
              ...(namespace ? { namespace } : {}),
            }} question=${{ title: `Delete ${name}?`, text: 'Everything it owns is deleted too.' }}
            run=${async () => {
              await send('DELETE', path, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' });
              return `${name} is being deleted.`;
            }} />`
      }</div>
    ${problem && html`<p class="note bad" role="alert">${problem}</p>`}
    ${
      object &&
      html`<${Conditions} object=${object} />
      <${Tabs} names=${tabs} chosen=${tab} onChoose=${setTab} />
      <div role="tabpanel" aria-label=${tab}>
        ${tab === 'YAML' && html`<${Yaml} path=${path} place=${place} />`}
        ${tab === 'Events' && html`<${Events} object=${object} />`}
        ${tab === 'Logs' && html`<${Logs} path=${path} pod=${object} />`}
        ${tab === 'Exec' && html`<${Exec} path=${path} pod=${object} />`}
      </div>`
    }
  </section>`;
}
