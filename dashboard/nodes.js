/** The nodes: state, what is requested of them and what they use. */
import { html } from './vendor/preact.js';
import { Action } from './action.js';
import { bytes, quantity, since } from './format.js';
import { condition } from './pods.js';
import { send } from './session.js';
import { useObjects } from './use-objects.js';
import { useUsage } from './use-usage.js';

function Cordon({ node }) {
  const { name } = node.metadata;
  const cordoned = node.spec?.unschedulable === true;
  return html`<${Action} label=${cordoned ? 'Uncordon' : 'Cordon'} small
    right=${{ verb: 'patch', resource: 'nodes', name }}
    question=${
      cordoned
        ? { title: `Uncordon ${name}?`, text: 'New pods can be scheduled to it again.' }
        : { title: `Cordon ${name}?`, text: 'No new pods are scheduled to it; running pods stay.' }
    }
    run=${async () => {
      await send(
        'PATCH',
        `/api/v1/nodes/${name}`,
        { spec: { unschedulable: cordoned ? null : true } },
        'application/merge-patch+json',
      );
      return cordoned ? `${name} accepts pods again.` : `${name} accepts no new pods.`;
    }} />`;
}

function Bar({ used, of, label, text }) {
  const share = of > 0 ? Math.min(100, (100 * used) / of) : 0;
  return html`<div class="bar"><span>${label}</span>
    <div class="progress" role="meter" aria-label=${label} aria-valuemin="0" aria-valuemax="100"
    aria-valuenow=${Math.round(share)}><i class=${share > 90 ? 'part' : 'ready'}
    style=${{ width: `${share}%` }}></i></div><small>${text}</small></div>`;
}

function NodeCard({ node, pods, used }) {
  const ready = condition(node, 'Ready');
  const { cpu, memory, pods: podsMax } = node.status?.allocatable ?? {};
  const here = pods.filter(
    (pod) =>
      pod.spec.nodeName === node.metadata.name && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed',
  );
  const asked = (name) =>
    here.reduce(
      (sum, pod) =>
        sum +
        pod.spec.containers.reduce(
          (total, container) => total + (quantity(container.resources?.requests?.[name]) ?? 0),
          0,
        ),
      0,
    );
  const pressure = (node.status?.conditions ?? []).filter(
    ({ type, status }) => type.endsWith('Pressure') && status === 'True',
  );
  const { addresses = [], nodeInfo = {} } = node.status ?? {};
  const facts = [
    addresses.find(({ type }) => type === 'InternalIP')?.address ?? '',
    nodeInfo.containerRuntimeVersion ?? '',
    nodeInfo.kernelVersion ?? '',
    since(node.metadata.creationTimestamp),
  ];
  return html`<article class="card">
    <div class="row wrap"><i class=${`dot ${ready ? 'good' : 'bad'}`}></i>
      <a class="title break" href=${`#/objects/api/v1/nodes/${node.metadata.name}`}>${node.metadata.name}</a>
      <span class=${ready ? 'good' : 'bad'}>${ready ? 'Ready' : 'Not ready'}</span>
        ${node.spec?.unschedulable && html`<span class="pill warn">cordoned</span>`}
        ${pressure.map(({ type }) => html`<span class="pill bad" key=${type}>${type}</span>`)}
      <span class="grow"></span><${Cordon} node=${node} /></div>
    <${Bar} label="Pods" used=${here.length} of=${Number(podsMax)} text=${`${here.length} of ${podsMax}`} />
    <${Bar} label="CPU requested" used=${asked('cpu')} of=${quantity(cpu)}
      text=${`${asked('cpu').toFixed(1)} of ${cpu} cores`} />
    ${
      used &&
      html`<${Bar} label="CPU used" used=${used.cpu} of=${quantity(cpu)}
      text=${`${used.cpu.toFixed(1)} of ${cpu} cores`} />`
    }
    <${Bar} label="Memory requested" used=${asked('memory')} of=${quantity(memory)}
      text=${`${bytes(asked('memory'))} of ${bytes(quantity(memory))}`} />
    ${
      used &&
      html`<${Bar} label="Memory used" used=${used.memory} of=${quantity(memory)}
      text=${`${bytes(used.memory)} of ${bytes(quantity(memory))}`} />`
    }
    <p class="hint break">${facts.join(' · ')}</p>
  </article>`;
}

export function NodesView() {
  const nodes = useObjects('/api/v1/nodes');
  const pods = useObjects('/api/v1/pods');
  const usage = useUsage('nodes');
  const podList = [...(pods?.values() ?? [])];
  const byName = [...(nodes?.values() ?? [])].sort((a, b) =>
    a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true }),
  );
  return html`<h1>Nodes</h1>
    ${nodes?.denied && html`<p class="note warn">${nodes.denied}</p>`}
    <div class="cards">${byName.map(
      (node) => html`<${NodeCard} key=${node.metadata.uid} node=${node} pods=${podList}
        used=${usage.get(node.metadata.name)} />`,
    )}</div>
    ${nodes?.size === 0 && !nodes.denied && html`<p class="card hint">No nodes yet.</p>`}`;
}
