/** Who may ask a kubelet for what, behind the proxy of nodes. */
import { kubeletSubresource } from '../../protocol/index.ts';
import type { AccessAttributes, Authorizer, Decision } from './attributes.ts';

/** These run something, whatever the method says: a WebSocket is opened by GET. */
const running: ReadonlySet<string> = new Set(['exec', 'attach', 'portForward', 'run']);

/**
 * Asks for `nodes/proxy` first, which opens every path, and then for the narrower right that the kubelet's own
 * authorization knows for the path: nodes/metrics, nodes/stats, nodes/log, nodes/pods, nodes/healthz, nodes/configz.
 * What runs in a pod needs the right to create, also where it is read from.
 */
export function nodeProxyAccess(authorize: Authorizer): Authorizer {
  return (attributes: AccessAttributes) => {
    const { group, resource, subresource, rest = [] } = attributes;
    if (resource !== 'nodes' || subresource !== 'proxy' || group !== '') return authorize(attributes);
    const [first = ''] = rest;
    if (running.has(first)) return authorize({ ...attributes, verb: 'create' });
    const decided = authorize(attributes);
    return decided instanceof Promise
      ? decided.then((decision) => orNarrower(authorize, attributes, decision))
      : orNarrower(authorize, attributes, decided);
  };
}

function orNarrower(
  authorize: Authorizer,
  attributes: AccessAttributes,
  decision: Decision,
): Decision | Promise<Decision> {
  const subresource = kubeletSubresource(attributes.rest?.[0] ?? '');
  const name = kubeletNode(attributes.name);
  if (decision.allowed || decision.denied === true || subresource === undefined || name === undefined) return decision;
  const narrow = authorize({ ...attributes, subresource, name });
  const chosen = (found: Decision): Decision => (found.allowed ? found : decision);
  return narrow instanceof Promise ? narrow.then(chosen) : chosen(narrow);
}

/** The node whose kubelet `NAME` or `NAME:10250` is; undefined for another port. */
function kubeletNode(name: string): string | undefined {
  const [node, port, ...more] = name.split(':');
  return more.length === 0 && (port === undefined || port === '10250') ? node : undefined;
}
