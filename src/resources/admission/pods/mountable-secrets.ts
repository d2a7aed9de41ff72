/** Which secrets the pods of a service account may use, where the account says so. */
import { forbiddenError, type JsonObject, resources, type ServiceAccount } from '../../../api/index.ts';
import { textOf } from '../../writing/metadata.ts';
import type { AdmissionRequest } from '../request.ts';
import { annotationsOf, listOf, specOf } from './pod-spec.ts';

const enforcing = 'kubernetes.io/enforce-mountable-secrets';
/** What Go reads as true. */
const truths = ['1', 't', 'T', 'true', 'TRUE', 'True'];

/** Refuses a pod that uses secrets its account does not name, if the account wants that. */
export function checkMountableSecrets(request: AdmissionRequest, account: ServiceAccount): void {
  if (request.object === undefined || !truths.includes(annotationsOf(account as JsonObject)[enforcing] ?? '')) return;
  const problem =
    request.subresource === '' ? podProblem(request.object, account) : ephemeralProblem(request.object, account);
  if (problem !== undefined) throw forbiddenError(resources.pods, request.name, problem);
}

function podProblem(pod: JsonObject, account: ServiceAccount): string | undefined {
  const spec = specOf(pod);
  return (
    volumeProblem(spec, account) ??
    containersProblem('init container', listOf(spec, 'initContainers'), account) ??
    containersProblem('container', listOf(spec, 'containers'), account) ??
    pullSecretProblem(spec, account)
  );
}

function ephemeralProblem(pod: JsonObject, account: ServiceAccount): string | undefined {
  return containersProblem('ephemeral container', listOf(specOf(pod), 'ephemeralContainers'), account);
}

function volumeProblem(spec: JsonObject, account: ServiceAccount): string | undefined {
  for (const { secret } of listOf(spec, 'volumes')) {
    if (secret === undefined) continue;
    const name = textOf((secret as JsonObject)['secretName']);
    if (!names(account.secrets, name))
      return `volume with secret.secretName="${name}" is not allowed because ${unreferenced(account, 'secret')}`;
  }
  return undefined;
}

function containersProblem(
  what: string,
  containers: readonly JsonObject[],
  account: ServiceAccount,
): string | undefined {
  for (const container of containers) {
    const use = usesOf(container).find(({ secret }) => !names(account.secrets, secret));
    if (use !== undefined)
      return (
        `${what} ${textOf(container['name'])} with ${use.by} referencing secret.secretName="${use.secret}" is ` +
        `not allowed because ${unreferenced(account, 'secret')}`
      );
  }
  return undefined;
}

/** The secrets a container's environment comes from. */
function usesOf(container: JsonObject): readonly { readonly by: string; readonly secret: string }[] {
  const variables = listOf(container, 'env').map((env) => ({
    by: `envVar ${textOf(env['name'])}`,
    from: (env['valueFrom'] as JsonObject | undefined)?.['secretKeyRef'],
  }));
  const sources = listOf(container, 'envFrom').map((source) => ({ by: 'envFrom', from: source['secretRef'] }));
  return [...variables, ...sources].flatMap(({ by, from }) =>
    from === undefined ? [] : [{ by, secret: textOf((from as JsonObject)['name']) }],
  );
}

function pullSecretProblem(spec: JsonObject, account: ServiceAccount): string | undefined {
  for (const [i, secret] of listOf(spec, 'imagePullSecrets').entries()) {
    const name = textOf(secret['name']);
    if (!names(account.imagePullSecrets, name))
      return `imagePullSecrets[${i}].name="${name}" is not allowed because ${unreferenced(account, 'imagePullSecret')}`;
  }
  return undefined;
}

function names(references: readonly { readonly name?: string | undefined }[] | undefined, name: string): boolean {
  return references?.some((reference) => (reference.name ?? '') === name) === true;
}

function unreferenced(account: ServiceAccount, what: string): string {
  return `service account ${account.metadata.name} does not reference that ${what}`;
}
