/** Workloads with the pods below them, and how far their rollouts are. */
import { html, useState } from './vendor/preact.js';
import { Action } from './action.js';
import { since } from './format.js';
import { PodLine } from './pods.js';
import { send } from './session.js';
import { useObjects } from './use-objects.js';
import { useUsage } from './use-usage.js';

const kinds = [
  ['Deployment', 'apps', 'deployments', true],
  ['StatefulSet', 'apps', 'statefulsets', true],
  ['DaemonSet', 'apps', 'daemonsets', false],
  ['Job', 'batch', 'jobs', false],
];

const ownerOf = (object) => object.metadata.ownerReferences?.find((owner) => owner.controller)?.uid;

function groupByOwner(map) {
  const groups = new Map();
  for (const object of map?.values() ?? []) {
    const owner = ownerOf(object) ?? '';
    if (!groups.has(owner)) groups.set(owner, []);
    groups.get(owner).push(object);
  }
  return groups;
}

/** Wanted, updated and ready pods of a workload, whatever its kind. */
function progressOf(kind, { spec, status = {} }) {
  if (kind === 'DaemonSet')
    return {
      wanted: status.desiredNumberScheduled ?? 0,
      updated: status.updatedNumberScheduled ?? 0,
      ready: status.numberReady ?? 0,
    };
  if (kind === 'Job')
    return { wanted: spec.completions ?? 1, updated: status.active ?? 0, ready: status.succeeded ?? 0 };
  return { wanted: spec.replicas ?? 1, updated: status.updatedReplicas ?? 0, ready: status.readyReplicas ?? 0 };
}

function Progress({ wanted, updated, ready }) {
  const share = (value) => `${wanted === 0 ? 100 : Math.min(100, (100 * value) / wanted)}%`;
  return html`<div class="progress" role="meter" aria-label="Ready" aria-valuemin="0" aria-valuemax=${wanted}
    aria-valuenow=${ready} title=${`${ready} of ${wanted} ready, ${updated} updated`}>
    <i class="updated" style=${{ width: share(updated) }}></i>
      <i class=${ready >= wanted ? 'ready' : 'part'} style=${{ width: share(ready) }}></i></div>`;
}

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

function WorkloadButtons({ kind, object, group, resource, scales }) {
  const { namespace, name } = object.metadata;
  const path = `/apis/${group}/v1/namespaces/${namespace}/${resource}/${name}`;
  const right = { verb: 'patch', group, resource, namespace, name };
  return html`<div class="row">
    ${
      scales &&
      html`<${Action} label="Scale" small right=${{ ...right, subresource: 'scale' }}
      question=${{
        title: `Scale ${name}`,
        text: `${kind} ${namespace}/${name} has ${object.spec.replicas} replicas.`,
        input: {
          label: 'Replicas',
          attributes: { type: 'number', min: 0, max: 10000, defaultValue: object.spec.replicas },
        },
      }}
      run=${async (value) => {
        await send('PATCH', `${path}/scale`, { spec: { replicas: Number(value) } }, 'application/merge-patch+json');
        return `${name} is scaled to ${value}.`;
      }} />`
    }
    ${
      kind !== 'Job' &&
      html`<${Action} label="Restart pods" small right=${right}
      question=${{
        title: `Restart the pods of ${name}?`,
        text: 'They are replaced one by one, as in a rolling update.',
      }}
      run=${async () => {
        await send(
          'PATCH',
          path,
          { spec: { template: { metadata: { annotations: { [restartedAt]: new Date().toISOString() } } } } },
          'application/merge-patch+json',
        );
        return `The pods of ${name} are being replaced.`;
      }} />`
    }
  </div>`;
}

function NamespacePods({ pods, namespace }) {
  const usage = useUsage('pods', namespace);
  return pods.map(
    (pod) => html`<${PodLine} key=${pod.metadata.uid} pod=${pod} used=${usage.get(pod.metadata.name)} />`,
  );
}

function Pods({ pods, max = 50 }) {
  const namespaces = Map.groupBy(pods.slice(0, max), ({ metadata }) => metadata.namespace);
  return html`<div class="pods">${[...namespaces].map(
    ([namespace, own]) => html`<${NamespacePods} key=${namespace}
    namespace=${namespace} pods=${own} />`,
  )}${
    pods.length > max &&
    html`<p
    class="hint">and ${pods.length - max} more; the Objects view lists them all.</p>`
  }</div>`;
}

const replicaSetLink = ({ namespace, name }) => `#/objects/apis/apps/v1/namespaces/${namespace}/replicasets/${name}`;

function ReplicaSets({ sets, podsOf }) {
  const current = sets.filter((set) => (set.spec.replicas ?? 0) > 0 || (podsOf.get(set.metadata.uid)?.length ?? 0) > 0);
  return current
    .toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))
    .map(
      (set, i) => html`<div class="replicaset" key=${set.metadata.uid}>
    <div class="row"><a href=${replicaSetLink(set.metadata)}>${set.metadata.name}</a>
      ${current.length > 1 && html`<span class="pill dim">${i === 0 ? 'new' : 'old'}</span>`}
      <small>${set.status?.readyReplicas ?? 0} of ${set.spec.replicas} ready</small></div>
    <${Pods} pods=${podsOf.get(set.metadata.uid) ?? []} /></div>`,
    );
}

function Workload({ kind, group, resource, scales, object, setsOf, podsOf }) {
  const progress = progressOf(kind, object);
  const whole = progress.ready >= progress.wanted;
  const rolling = kind !== 'Job' && progress.updated < progress.wanted;
  const [chosen, setOpen] = useState();
  const open = chosen ?? !whole;
  const { namespace, name, uid, creationTimestamp } = object.metadata;
  return html`<article class="card workload">
    <div class="row wrap">
      <button class="twist" aria-expanded=${open} aria-label=${`${open ? 'Close' : 'Open'} ${name}`} onClick=${() => {
        setOpen(!open);
      }}>${open ? '▾' : '▸'}</button>
      <i class=${`dot ${whole ? 'good' : 'warn'}`}></i>
      <a class="title break" href=${`#/objects/apis/${group}/v1/namespaces/${namespace}/${resource}/${name}`}>
        ${name}</a>
      <small>${kind} · ${namespace} · ${since(creationTimestamp)}</small>
      <span class="grow"></span>
      ${rolling && html`<span class="pill warn">rolling out, ${progress.updated} of ${progress.wanted} new</span>`}
      <span class=${whole ? 'good' : 'warn'}>${progress.ready} / ${progress.wanted}</span>
      <${Progress} ...${progress} />
      <${WorkloadButtons} kind=${kind} object=${object} group=${group} resource=${resource} scales=${scales} />
    </div>
    ${
      open &&
      (kind === 'Deployment'
        ? html`<${ReplicaSets} sets=${setsOf.get(uid) ?? []} podsOf=${podsOf}
      />`
        : html`<${Pods} pods=${podsOf.get(uid) ?? []} />`)
    }
  </article>`;
}

export function WorkloadsView() {
  const lists = kinds.map(([, group, resource]) => useObjects(`/apis/${group}/v1/${resource}`));
  const sets = useObjects('/apis/apps/v1/replicasets');
  const pods = useObjects('/api/v1/pods');
  const [text, setText] = useState('');
  const podsOf = groupByOwner(pods);
  const setsOf = groupByOwner(sets);
  const all = kinds.flatMap(([kind, group, resource, scales], i) =>
    [...(lists[i]?.values() ?? [])].map((object) => ({ kind, group, resource, scales, object })),
  );
  const shown = all
    .filter(({ object, kind }) =>
      `${kind} ${object.metadata.namespace}/${object.metadata.name}`.toLowerCase().includes(text.toLowerCase()),
    )
    .sort((a, b) => a.object.metadata.name.localeCompare(b.object.metadata.name));
  const denied = lists.find((list) => list?.denied)?.denied;
  const alone = (podsOf.get('') ?? []).filter((pod) =>
    `pod ${pod.metadata.namespace}/${pod.metadata.name}`.includes(text.toLowerCase()),
  );
  return html`<div class="row wrap tools"><h1>Workloads</h1>
    <input type="search" placeholder="Find a workload  /" aria-label="Find a workload" value=${text} onInput=${(
      event,
    ) => {
      setText(event.target.value);
    }} /></div>
    ${denied && html`<p class="note warn">${denied}</p>`}
    ${shown.slice(0, 200).map(
      (item) => html`<${Workload} key=${item.object.metadata.uid} ...${item} setsOf=${setsOf}
      podsOf=${podsOf} />`,
    )}
    ${
      shown.length === 0 &&
      lists[0] !== undefined &&
      html`<p class="hint card">No workloads${text ? ' match.' : ' yet.'}${' '}
      <code>kubectl create deployment</code> creates one.</p>`
    }
    ${
      alone.length > 0 &&
      html`<article class="card workload"><h2>Pods without a controller</h2>
      <${Pods} pods=${alone} /></article>`
    }`;
}
