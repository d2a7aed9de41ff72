/** A pod and its steps, for tests: time is a number, effects are short words. */
import { containerHash } from '../container/index.ts';
import type { Container, New, Pod, PodSpec } from '../../api/index.ts';
import { freshPod, type PodEffect, type PodInput, podStatus, type PodState, stepPod } from './index.ts';
import { stored } from '../objects.fixture.ts';

export const container = (name: string, more: New<Container> = {}): Container =>
  stored<Container>({ name, image: 'web:1', ...more });
export const pod = (spec: New<PodSpec> = {}, more: object = {}): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u1', ...more },
    spec: { containers: [container('main')], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...spec },
  });

/** A pod under test: time is a number, effects are written down as short words. */
export class Play {
  state: PodState;
  now = 1_000_000;
  wakeAt: number | undefined;
  effects: readonly PodEffect[] = [];

  constructor(subject: Pod) {
    this.state = freshPod(subject, this.now);
  }

  tell(...inputs: PodInput[]): string[] {
    const words: string[] = [];
    for (const input of inputs) {
      const step = stepPod(this.state, input, this.now);
      this.state = step.state;
      this.wakeAt = step.wakeAt;
      this.effects = step.effects;
      words.push(...step.effects.map(word));
    }
    return words;
  }

  after(ms: number): string[] {
    this.now += ms;
    return this.tell({ type: 'tick' });
  }

  /** Brings sandbox, volumes and the named containers up. */
  run(...names: string[]): void {
    this.tell(
      { type: 'tick' },
      { type: 'sandbox-created', id: 'box', addresses: ['10.244.0.2'] },
      { type: 'sandbox-started' },
      { type: 'volumes-ready' },
    );
    for (const name of names) this.start(name);
  }

  start(name: string): string[] {
    const attempt = this.state.containers.get(name)?.attempt ?? 0;
    const spec = this.state.containers.get(name)?.spec ?? container(name);
    return this.tell(
      { type: 'image-ready', container: name, id: 'sha256:1', user: '' },
      {
        type: 'container-created',
        container: name,
        id: `${name}-${attempt}`,
        hash: containerHash(spec),
        sandboxId: this.state.sandbox.id ?? '',
      },
      { type: 'container-started', container: name, id: `${name}-${attempt}`, startedAt: this.now },
    );
  }

  end(name: string, exitCode: number): string[] {
    const id = this.state.containers.get(name)?.id ?? '';
    return this.tell({
      type: 'container-ended',
      container: name,
      end: { id, exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt: this.now },
    });
  }

  status(): ReturnType<typeof podStatus> {
    return podStatus(this.state, { hostIps: ['192.0.2.2'], runtimeName: 'docker', now: this.now });
  }
}

function word(effect: PodEffect): string {
  if (effect.type === 'event') return `${effect.event.reason}: ${effect.event.message}`;
  return 'container' in effect
    ? `${effect.type} ${effect.container}`
    : 'id' in effect
      ? `${effect.type} ${effect.id}`
      : effect.type;
}

export const ready = (play: Play): string | undefined =>
  play.status().conditions?.find(({ type }) => type === 'Ready')?.status;
