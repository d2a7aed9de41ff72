/** A pod's state in a word, and its line in a list. */
import { html } from './vendor/preact.js';
import { Action } from './action.js';
import { bytes, since } from './format.js';
import { send } from './session.js';

export const condition = (object, type) =>
  object.status?.conditions?.find((found) => found.type === type)?.status === 'True';

/** What a pod is about, in a word, and how it looks. */
export function podState(pod) {
  if (pod.metadata.deletionTimestamp) return ['Terminating', 'warn'];
  const waiting = (pod.status?.containerStatuses ?? []).map((status) => status.state?.waiting?.reason).find(Boolean);
  if (waiting && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing') return [waiting, 'bad'];
  const phase = pod.status?.phase ?? 'Pending';
  if (phase === 'Failed') return [pod.status.reason ?? phase, 'bad'];
  if (phase === 'Running' && !condition(pod, 'Ready')) return ['Not ready', 'warn'];
  return [phase, phase === 'Pending' ? 'warn' : 'good'];
}

export const podPath = (pod) => `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;

function containerState(status) {
  if (status.state?.running) return [status.ready ? 'ready' : 'running', status.ready ? 'good' : 'warn'];
  if (status.state?.waiting)
    return [
      status.state.waiting.reason ?? 'waiting',
      status.state.waiting.reason === 'ContainerCreating' ? 'warn' : 'bad',
    ];
  const over = status.state?.terminated;
  return [over ? `${over.reason ?? 'ended'} (${over.exitCode})` : 'unknown', over?.exitCode === 0 ? 'dim' : 'bad'];
}

export function DeletePod({ pod, small = true }) {
  const { namespace, name } = pod.metadata;
  return html`<${Action} label="Delete" danger small=${small}
    right=${{ verb: 'delete', resource: 'pods', namespace, name }}
    question=${{
      title: `Delete pod ${name}?`,
      text: 'Its containers stop. If a controller owns it, the controller creates a replacement.',
    }}
    run=${async () => {
      await send('DELETE', podPath(pod));
      return `Pod ${name} is being deleted.`;
    }} />`;
}

/** One pod with its containers. */
export function PodLine({ pod, used }) {
  const [state, look] = podState(pod);
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const restarts = statuses.reduce((sum, status) => sum + status.restartCount, 0);
  return html`<div class="pod">
    <i class=${`dot ${look}`}></i><a class="grow break" href=${`#/objects${podPath(pod)}`}>${pod.metadata.name}</a>
    <span class=${look}>${state}</span>
    ${restarts > 0 && html`<span class="warn">↻ ${restarts}</span>`}
    ${used && html`<small class="usage">${Math.round(used.cpu * 1000)}m CPU · ${bytes(used.memory)}</small>`}
    <small>${pod.spec.nodeName ?? 'no node yet'} · ${since(pod.metadata.creationTimestamp)}</small>
    <${DeletePod} pod=${pod} />
    <div class="containers">${statuses.map((status) => {
      const [text, containerLook] = containerState(status);
      return html`<span key=${status.name} class="container">
        <i class=${`dot ${containerLook}`}></i>${status.name} <small>${text}</small></span>`;
    })}</div>
  </div>`;
}
