/** What a watch tells of pods, as far as the judges of rollouts and Jobs need it. */
import type { StreamEvent } from '../clients/api-client.ts';

interface PodObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}

export interface PodView {
  readonly name: string;
  readonly uid: string;
  readonly version: string;
  /** Ready, and nobody has asked for its end. */
  readonly available: boolean;
  readonly ending: boolean;
  readonly succeeded: boolean;
  readonly gone: boolean;
  /** Why somebody takes it away, as Kubernetes says in its condition DisruptionTarget; '': for no such reason. */
  readonly disruption: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function podViewOf({ type, object }: StreamEvent): PodView {
  const { metadata, status } = object as PodObject;
  const ready = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  const ending = metadata.deletionTimestamp !== undefined;
  const gone = type === 'DELETED';
  return {
    name: metadata.name,
    uid: metadata.uid,
    version: metadata.resourceVersion,
    available: ready === true && !ending && !gone,
    ending,
    succeeded: status?.phase === 'Succeeded',
    gone,
    disruption: status?.conditions?.find((condition) => condition.type === 'DisruptionTarget')?.reason ?? '',
    labels: metadata.labels ?? {},
  };
}
