/** Notes on Secrets when the token in them was last used. */
import { type KubeObject, resources } from '../../../api/index.ts';
import type { Clock, Logger } from '../../../base/index.ts';
import { errorMessage } from '../../../base/index.ts';
import type { ResourceClient } from '../../../resources/index.ts';

const lastUsed = 'kubernetes.io/legacy-token-last-used';

interface TokenUsePorts {
  readonly client: Pick<ResourceClient, 'patch'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Notes on a Secret, once a day, that the token in it was used: so it is seen which of them are still needed. */
export function noteTokenUse({ client, clock, log }: TokenUsePorts): (secret: KubeObject) => void {
  const noting = new Set<string>();
  return ({ metadata }) => {
    const { name = '', namespace = '', uid = '' } = metadata;
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    if (metadata.labels?.[lastUsed] === today || noting.has(uid)) return;
    noting.add(uid);
    client
      .patch(
        { ...resources.secrets, namespace, name },
        { type: 'merge', body: { metadata: { uid, labels: { [lastUsed]: today } } } },
        { fieldManager: 'kube-apiserver' },
      )
      .catch((error: unknown) => {
        log.debug('cannot note the use of a token', { secret: `${namespace}/${name}`, error: errorMessage(error) });
      })
      .finally(() => {
        noting.delete(uid);
      });
  };
}
