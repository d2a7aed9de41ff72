/** Runs the admission plug-ins of one request, in order. */
import { type JsonObject, managedFieldsProblem, metadataOf } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { AdmissionPlugin, WritePorts } from '../ports.ts';
import type { AdmissionRequest } from './request.ts';
import type { ResourceSettings } from '../settings.ts';
import { builtInPlugins, offByDefault } from './order.ts';
import { beginsAgain } from './reinvocation.ts';

/**
 * The plug-ins in the order in which they run: the built-in ones, of which some must be named to be on, then those of
 * the caller. Quotas are charged after all of them.
 */
export function admissionChain(
  more: readonly AdmissionPlugin[],
  { admission, admissionPlugins }: Pick<ResourceSettings, 'admission' | 'admissionPlugins'>,
  clock: Pick<Clock, 'monotonic'>,
): readonly AdmissionPlugin[] {
  const on = builtInPlugins(admission, clock).filter(
    ({ name }) => !offByDefault.has(name) || admissionPlugins.includes(name),
  );
  return [...on, ...more];
}

/**
 * Lets every mutating plug-in change the object, twice where one asks for it. Answers at once (undefined) unless one of
 * them has to wait.
 */
export function admit(ports: WritePorts, request: AdmissionRequest): Promise<void> | undefined {
  const owners = ownersOf(request);
  const second = (): Promise<void> | undefined => (beginsAgain(request) ? run(ports, request, 'admit', 0) : undefined);
  const first = run(ports, request, 'admit', 0);
  const all = first === undefined ? second() : first.then(second);
  if (all === undefined) keepOwners(request, owners);
  return all?.then(() => keepOwners(request, owners));
}

/** Options of a connection have no metadata, and get none here. */
function ownersOf({ object }: AdmissionRequest): unknown {
  return (object?.['metadata'] as JsonObject | null | undefined)?.['managedFields'];
}

/** Puts a record of owners back that a plug-in left unreadable, as upstream does. */
function keepOwners(request: AdmissionRequest, before: unknown): void {
  const after = ownersOf(request);
  if (request.object === undefined || after === before) return;
  const problem = managedFieldsProblem(after);
  if (problem === undefined) return;
  const metadata = metadataOf(request.object);
  if (before === undefined) delete metadata['managedFields'];
  else metadata['managedFields'] = before;
  request.warn(
    '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated ' +
      `mutating admission controller; please fix your requests: ${problem}`,
  );
}

/** Asks every validating plug-in. */
export function validateAdmission(ports: WritePorts, request: AdmissionRequest): Promise<void> | undefined {
  return run(ports, request, 'validate', 0);
}

type Phase = 'admit' | 'validate';
const byPhase = {
  admit: new WeakMap<readonly AdmissionPlugin[], readonly AdmissionPlugin[]>(),
  validate: new WeakMap<readonly AdmissionPlugin[], readonly AdmissionPlugin[]>(),
};

/** The plug-ins of a chain that have something to say in a phase. */
function pluginsOf(chain: readonly AdmissionPlugin[], phase: Phase): readonly AdmissionPlugin[] {
  let plugins = byPhase[phase].get(chain);
  if (plugins === undefined)
    byPhase[phase].set(chain, (plugins = chain.filter((plugin) => plugin[phase] !== undefined)));
  return plugins;
}

function run(ports: WritePorts, request: AdmissionRequest, phase: Phase, from: number): Promise<void> | undefined {
  const plugins = pluginsOf(ports.admission, phase);
  for (let i = from; i < plugins.length; i++) {
    const plugin = plugins[i];
    if (request.operation === 'CONNECT' && plugin?.connects !== true) continue;
    const waiting = plugin?.[phase]?.(request, ports);
    if (waiting instanceof Promise) return waiting.then(() => run(ports, request, phase, i + 1));
  }
  return undefined;
}
