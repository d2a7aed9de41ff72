/** Admission plug-in Priority. */
import { forbiddenError, type JsonObject, type KubeObject, metadataOf, resources } from '../../../api/index.ts';
import { textOf } from '../../writing/metadata.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { readObject, readObjects } from '../../stored/reading.ts';
import { type AdmissionRequest, isAbout } from '../request.ts';
import { specOf } from './pod-spec.ts';

const { pods } = resources;
const classes = resources.priorityClasses;
const preemptLower = 'PreemptLowerPriority';

interface PriorityClassObject extends KubeObject {
  readonly value: number;
  readonly globalDefault?: boolean | undefined;
  readonly preemptionPolicy?: string | undefined;
}

/** Turns the name of a PriorityClass into the numbers that the scheduler uses; keeps default classes to one. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  admit(request, ports) {
    if (!isAbout(request, '', 'pods') || request.object === undefined) return;
    if (request.operation === 'CREATE') resolve(ports, request, specOf(request.object));
    else if (request.old !== undefined) keep(specOf(request.object), request.old);
  },
  validate(request, ports) {
    if (
      !isAbout(request, classes.group, classes.resource) ||
      request.object === undefined ||
      request.object['globalDefault'] !== true
    )
      return;
    const name = textOf(metadataOf(request.object)['name']);
    const other = defaultClass(ports);
    if (other !== undefined && other.metadata.name !== name) {
      throw forbiddenError(
        classes,
        name,
        `PriorityClass ${other.metadata.name ?? ''} is already marked as default. Only one default can exist`,
      );
    }
  },
};

function defaultClass(ports: WritePorts): PriorityClassObject | undefined {
  let lowest: PriorityClassObject | undefined;
  for (const one of readObjects<PriorityClassObject>(ports.store, classes)) {
    if (one.globalDefault === true && (lowest === undefined || one.value < lowest.value)) lowest = one;
  }
  return lowest;
}

function resolve(ports: WritePorts, request: AdmissionRequest, spec: JsonObject): void {
  const name = textOf(spec['priorityClassName']);
  const found =
    name === '' ? defaultClass(ports) : readObject<PriorityClassObject>(ports.store, classes, undefined, name);
  if (name !== '' && found === undefined)
    throw forbiddenError(pods, request.name, `no PriorityClass with name ${name} was found`);
  const value = found?.value ?? 0;
  const policy = found?.preemptionPolicy ?? preemptLower;
  if (name === '' && found !== undefined) spec['priorityClassName'] = found.metadata.name;
  const given = spec['priority'];
  if (typeof given === 'number' && given !== value) {
    throw forbiddenError(
      pods,
      request.name,
      `the integer value of priority (${given}) must not be provided in pod spec; priority admission ` +
        `controller computed ${value} from the given PriorityClass name`,
    );
  }
  const givenPolicy = spec['preemptionPolicy'];
  if (typeof givenPolicy === 'string' && givenPolicy !== policy) {
    throw forbiddenError(
      pods,
      request.name,
      `the string value of PreemptionPolicy (${givenPolicy}) must not be provided in pod spec; priority ` +
        `admission controller computed ${policy} from the given PriorityClass name`,
    );
  }
  spec['priority'] = value;
  spec['preemptionPolicy'] = policy;
}

/** An update that leaves the numbers out means the old ones. */
function keep(spec: JsonObject, old: KubeObject): void {
  const before = old.spec as JsonObject | undefined;
  for (const field of ['priority', 'preemptionPolicy']) {
    if (spec[field] === undefined && before?.[field] !== undefined) spec[field] = before[field];
  }
}
