/** Lists of every kind that the API serves, as kubectl prints them. */
import { html, useEffect, useState } from './vendor/preact.js';
import { getJson } from './session.js';
import { since } from './format.js';
import { useTable } from './use-objects.js';

const discoveryAccept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const rowsMax = 500;

/** Every kind that the API serves and that can be listed, from discovery: custom kinds too. */
async function kindsServed() {
  const [core, groups] = await Promise.all(
    ['/api', '/apis'].map((path) => getJson(path, { headers: { accept: discoveryAccept } })),
  );
  const kinds = [];
  for (const group of [...(core.items ?? []), ...(groups.items ?? [])]) {
    const version = group.versions?.[0];
    const name = group.metadata?.name ?? '';
    for (const { resource, responseKind, scope, verbs } of version?.resources ?? []) {
      if (verbs.includes('list'))
        kinds.push({
          key: `${resource}.${name}`,
          resource,
          kind: responseKind.kind,
          group: name,
          base: name === '' ? `/api/${version.version}` : `/apis/${name}/${version.version}`,
          namespaced: scope === 'Namespaced',
        });
    }
  }
  return kinds.sort((a, b) => a.kind.localeCompare(b.kind));
}

function useKinds() {
  const [kinds, setKinds] = useState([]);
  useEffect(() => {
    kindsServed().then(setKinds, () => undefined);
  }, []);
  return kinds;
}

function useNamespaces() {
  const [names, setNames] = useState([]);
  useEffect(() => {
    getJson('/api/v1/namespaces').then(
      (list) => {
        setNames(list.items.map((item) => item.metadata.name));
      },
      () => undefined,
    );
  }, []);
  return names;
}

const remembered = { kind: 'pods.', namespace: '' };

const cellText = (column, value) =>
  column.type === 'date' || (column.format === 'date' && typeof value === 'string' && value.includes('T'))
    ? since(value)
    : String(value ?? '');

function Table({ data, kind, text }) {
  if (data === undefined) return html`<p class="hint">Loading…</p>`;
  if (data.denied) return html`<p class="note warn">${data.denied}</p>`;
  const columns = data.columns.map((column, i) => ({ ...column, i })).filter((column) => (column.priority ?? 0) === 0);
  const rows = data.rows.filter(({ object, cells }) =>
    `${object.metadata.namespace ?? ''}/${object.metadata.name} ${cells.join(' ')}`
      .toLowerCase()
      .includes(text.toLowerCase()),
  );
  rows.sort((a, b) =>
    `${a.object.metadata.namespace ?? ''}/${a.object.metadata.name}`.localeCompare(
      `${b.object.metadata.namespace ?? ''}/${b.object.metadata.name}`,
    ),
  );
  const pathOf = ({ namespace, name }) =>
    `#/objects${kind.base}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${kind.resource}/${name}`;
  return html`<div class="scroll"><table>
    <thead><tr>${kind.namespaced && html`<th>Namespace</th>`}
      ${columns.map((column) => html`<th key=${column.name}>${column.name}</th>`)}</tr></thead>
    <tbody>${rows.slice(0, rowsMax).map(
      ({ object, cells }) => html`<tr key=${object.metadata.uid}>
      ${kind.namespaced && html`<td class="dim">${object.metadata.namespace}</td>`}
      ${columns.map(
        (column) =>
          html`<td key=${column.name}>${
            column.i === 0
              ? html`<a href=${pathOf(object.metadata)}>
      ${cellText(column, cells[column.i])}</a>`
              : cellText(column, cells[column.i])
          }</td>`,
      )}</tr>`,
    )}</tbody></table></div>
    ${
      rows.length > rowsMax
        ? html`<p class="hint">and ${rows.length - rowsMax} more; search to narrow.</p>`
        : rows.length === 0
          ? html`<p class="hint">None.</p>`
          : ''
    }`;
}

export function ObjectsView() {
  const kinds = useKinds();
  const namespaces = useNamespaces();
  const [chosen, setChosen] = useState(remembered);
  const [text, setText] = useState('');
  const kind = kinds.find(({ key }) => key === chosen.kind) ?? kinds[0];
  const path =
    kind === undefined
      ? undefined
      : `${kind.base}${
          kind.namespaced && chosen.namespace !== '' ? `/namespaces/${chosen.namespace}` : ''
        }/${kind.resource}`;
  const data = useTable(path);
  const choose = (change) => {
    setChosen(Object.assign(remembered, change) && { ...remembered });
  };
  return html`<section class="card"><div class="row wrap tools"><h1>Objects</h1>
      <select aria-label="Kind" value=${kind?.key} onChange=${(event) => {
        choose({ kind: event.target.value });
      }}>${kinds.map(
        ({ key, kind: name, group }) => html`<option key=${key} value=${key}>${name}
        ${group === '' ? '' : ` · ${group}`}</option>`,
      )}</select>
      <select aria-label="Namespace" value=${chosen.namespace} disabled=${kind?.namespaced === false} onChange=${(
        event,
      ) => {
        choose({ namespace: event.target.value });
      }}><option value="">all namespaces</option>${namespaces.map(
        (name) => html`<option key=${name} value=${name}>
        ${name}</option>`,
      )}</select>
      <input type="search" placeholder="Find an object  /" aria-label="Find an object" value=${text} onInput=${(
        event,
      ) => {
        setText(event.target.value);
      }} /></div>
    ${kind && html`<${Table} data=${data} kind=${kind} text=${text} />`}</section>`;
}
