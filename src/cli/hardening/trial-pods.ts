/** Pods that are proposed by dry run, to see what admission makes of them. Nothing is stored. */
import type { ExaminedCluster } from './examined-cluster.ts';
import { type Verdict, verdict } from './verdict.ts';

interface TrialPod {
  readonly spec?: object;
  readonly container?: object;
  readonly podContext?: object;
  readonly containerContext?: object;
}

/** A pod that the level restricted allows, but for what is given. */
export function trialPod(name: string, { spec, container, podContext, containerContext }: TrialPod = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...podContext },
      containers: [
        {
          name: 'c',
          image: 'example.com/i:1',
          imagePullPolicy: 'IfNotPresent',
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            ...containerContext,
          },
          ...container,
        },
      ],
      ...spec,
    },
  };
}

interface MadePod {
  readonly serviceAccountName?: string;
  readonly containers: readonly { readonly imagePullPolicy?: string; readonly volumeMounts?: readonly object[] }[];
}

/** What admission makes of a pod that asks for nothing. */
export async function madePod(cluster: ExaminedCluster): Promise<MadePod | undefined> {
  return await cluster.once('made pod', async () => {
    const answer = await cluster.ask('/api/v1/namespaces/default/pods?dryRun=All', {
      method: 'POST',
      body: trialPod(cluster.probeName),
    });
    return answer.status === 201 ? (answer.object['spec'] as MadePod) : undefined;
  });
}

const ownNamespaces = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** The namespaces of users: those of the system belong to the cluster itself. */
export async function userNamespaces(cluster: ExaminedCluster): Promise<readonly string[]> {
  const namespaces = await cluster.items<{ readonly metadata: { readonly name: string } }>('/api/v1/namespaces');
  return namespaces.map(({ metadata }) => metadata.name).filter((name) => !ownNamespaces.has(name));
}

/** Whether Pod Security refuses such a pod in every namespace of users. */
export function refusedPod(pod: TrialPod) {
  return async (cluster: ExaminedCluster): Promise<Verdict> => {
    const open: string[] = [];
    const namespaces = await userNamespaces(cluster);
    for (const namespace of namespaces) {
      const { status, body } = await cluster.ask(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
        method: 'POST',
        body: trialPod(cluster.probeName, pod),
      });
      if (status !== 403 || !body.includes('PodSecurity')) open.push(namespace);
    }
    return verdict(
      open.length === 0,
      open.length === 0
        ? `refused by Pod Security in ${namespaces.join(', ')} (dry run)`
        : `Pod Security lets such a pod into ${open.join(', ')} (dry run)`,
    );
  };
}
