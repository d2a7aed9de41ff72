import type { AdmissionPlugin, WritePath } from '../ports.ts';
import type { AdmissionRequest } from './request.ts';
import { builtInPlugins } from './order.ts';
import { beginsAgain } from './reinvocation.ts';

/**
 * The plug-ins in the order in which they run: the built-in ones, then those of the caller. Quotas are charged after
 * all of them.
 */
export function admissionChain(more: readonly AdmissionPlugin[]): readonly AdmissionPlugin[] {
  return [...builtInPlugins, ...more];
}

/**
 * Lets every mutating plug-in change the object, twice where one asks for it. Answers at once (undefined) unless one of
 * them has to wait.
 */
export function admit(path: WritePath, request: AdmissionRequest): Promise<void> | undefined {
  const second = (): Promise<void> | undefined => (beginsAgain(request) ? run(path, request, 'admit', 0) : undefined);
  const first = run(path, request, 'admit', 0);
  return first === undefined ? second() : first.then(second);
}

/** Asks every validating plug-in. */
export function validateAdmission(path: WritePath, request: AdmissionRequest): Promise<void> | undefined {
  return run(path, request, 'validate', 0);
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

function run(path: WritePath, request: AdmissionRequest, phase: Phase, from: number): Promise<void> | undefined {
  const plugins = pluginsOf(path.admission, phase);
  for (let i = from; i < plugins.length; i++) {
    const plugin = plugins[i];
    if (request.operation === 'CONNECT' && plugin?.connects !== true) continue;
    const waiting = plugin?.[phase]?.(request, path);
    if (waiting instanceof Promise) return waiting.then(() => run(path, request, phase, i + 1));
  }
  return undefined;
}
