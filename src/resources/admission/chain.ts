import type { AdmissionPlugin, WritePath } from '../ports.ts';
import type { AdmissionRequest } from './request.ts';
import { builtInPlugins } from './order.ts';
import { beginsAgain } from './reinvocation.ts';

/** The plug-ins in the order in which they run: the built-in ones, then those of the caller. Quotas are charged after all of them. */
export function admissionChain(more: readonly AdmissionPlugin[]): readonly AdmissionPlugin[] {
  return [...builtInPlugins, ...more];
}

/** Lets every mutating plug-in change the object, twice where one asks for it. Answers at once (undefined) unless one of them has to wait. */
export function admit(path: WritePath, request: AdmissionRequest): Promise<void> | undefined {
  const second = (): Promise<void> | undefined => (beginsAgain(request) ? run(path, request, 'admit', 0) : undefined);
  const first = run(path, request, 'admit', 0);
  return first === undefined ? second() : first.then(second);
}

/** Asks every validating plug-in. */
export function validateAdmission(path: WritePath, request: AdmissionRequest): Promise<void> | undefined {
  return run(path, request, 'validate', 0);
}

function run(path: WritePath, request: AdmissionRequest, phase: 'admit' | 'validate', from: number): Promise<void> | undefined {
  for (let i = from; i < path.admission.length; i++) {
    const waiting = path.admission[i]?.[phase]?.(request, path);
    if (waiting instanceof Promise) return waiting.then(() => run(path, request, phase, i + 1));
  }
  return undefined;
}
