/** What the engine says of a pod's containers, as inputs of the pod's step. */
import { type ContainerFacts, labels, type RuntimeEvent } from '../runtime/index.ts';
import { retryWhileUnreachable } from '../retry.ts';
import { endInput } from './container-work.ts';
import { begin, type PodWork } from './pod-effects.ts';
import type { PodInput } from './pod-messages.ts';
import { isAlive, type PodState } from './pod-state.ts';

/** An event about one of the pod's containers. */
export function engineEvent(
  work: PodWork,
  core: PodState,
  event: Extract<RuntimeEvent, { readonly id: string }>,
): void {
  if (event.type !== 'exited' && event.type !== 'removed') return;
  if (event.labels[labels.role] === 'sandbox') {
    work.actor.self.tell({ type: 'sandbox-ended', id: event.id });
    return;
  }
  const name = event.labels[labels.container] ?? '';
  const record = core.containers.get(name);
  if (record?.id !== event.id || !isAlive(record)) return;
  if (event.type === 'removed') {
    work.actor.self.tell({ type: 'container-lost', container: name, id: event.id });
    return;
  }
  begin(work, 'look at an ended container', endOfContainer(work, core, event.id));
}

/** How a container ended; undefined if it runs after all. */
async function endOfContainer({ context }: PodWork, core: PodState, id: string): Promise<PodInput | undefined> {
  const { timers, engine } = context.ports;
  const facts = await retryWhileUnreachable(timers, () => engine.runtime.inspect(id));
  const name = [...core.containers.values()].find((record) => record.id === id)?.name ?? '';
  if (facts === undefined) return { type: 'container-lost', container: name, id };
  if (facts.state !== 'exited') return undefined;
  return endInput(context, core.containers.get(name)?.spec, facts);
}

/** Everything that the engine has of the pod, after its events were lost for a while. */
export function engineState(work: PodWork, core: PodState, found: readonly ContainerFacts[]): void {
  const byId = new Map(found.map((facts) => [facts.id, facts]));
  const { sandbox } = core;
  if (sandbox.phase === 'ready' && sandbox.id !== undefined && byId.get(sandbox.id)?.state !== 'running')
    work.actor.self.tell({ type: 'sandbox-ended', id: sandbox.id });
  for (const record of core.containers.values()) {
    if (record.phase !== 'running' || record.id === undefined) continue;
    const facts = byId.get(record.id);
    if (facts === undefined) work.actor.self.tell({ type: 'container-lost', container: record.name, id: record.id });
    else if (facts.state !== 'running')
      begin(work, 'look at an ended container', endOfContainer(work, core, record.id));
  }
}
