/** Admission of connections (exec, attach, port-forward, proxy). */
import { deepClone, type JsonObject } from '../../api/index.ts';
import { admit, validateAdmission } from '../admission/chain.ts';
import { admissionContext, type AdmissionRequest } from '../admission/request.ts';
import type { WritePorts } from '../ports.ts';
import type { Target, WriteContext } from '../service.ts';

/** Asks admission about a connection, which is made of nothing but its options. */
export async function connect(
  ports: WritePorts,
  {
    target,
    options,
    context,
  }: {
    readonly target: Target;
    readonly options: JsonObject;
    readonly context: Pick<WriteContext, 'user' | 'warn' | 'annotate'>;
  },
): Promise<JsonObject> {
  const { info, subresource, namespace, name } = target;
  const object = deepClone(options);
  const request: AdmissionRequest = {
    operation: 'CONNECT',
    info,
    subresource,
    namespace,
    name,
    object,
    old: undefined,
    ...admissionContext({ ...context, dryRun: false }),
  };
  await admit(ports, request);
  await validateAdmission(ports, request);
  return object;
}
