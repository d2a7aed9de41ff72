/** Admission plug-in DefaultTolerationSeconds. */
import type { JsonObject } from '../../../api/index.ts';
import type { AdmissionPlugin } from '../../ports.ts';
import { isAbout } from '../request.ts';
import { listOf, specOf } from './pod-spec.ts';

const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** How long a pod stays bound to a node that is not ready or cannot be reached, unless the pod says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit(request, { settings }) {
    if (!isAbout(request, '', 'pods') || request.object === undefined || request.operation === 'DELETE') return;
    const spec = specOf(request.object);
    const present = listOf(spec, 'tolerations');
    const missing = keys.filter((key) => !present.some((toleration) => tolerates(toleration, key)));
    if (missing.length === 0) return;
    const tolerationSeconds = settings.notReadyTolerationSeconds;
    spec['tolerations'] = [
      ...present,
      ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds })),
    ];
  },
};

function tolerates(toleration: JsonObject, key: string): boolean {
  const { key: own = '', effect = '' } = toleration;
  return (own === key || own === '') && (effect === 'NoExecute' || effect === '');
}
