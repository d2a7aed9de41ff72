/** Leases: who holds what, and until when. */
import type { Lease, Sent } from '../../objects/index.ts';
import { type FieldError, invalid } from '../../machinery/index.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { nonNegative } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';

const leaseOf = (object: object): Sent<Lease> => object as Sent<Lease>;

function leaseErrors(lease: Sent<Lease>): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = lease.spec ?? {};
  const short = leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0;
  return [
    ...(short ? [invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')] : []),
    ...nonNegative('spec.leaseTransitions', leaseTransitions),
  ];
}

/** Fields of coordinated leader election, which Kubernetes 1.33 ignores by default. */
function dropDisabled(object: object): void {
  const spec = leaseOf(object).spec;
  if (spec === undefined) return;
  delete spec.strategy;
  delete spec.preferredHolder;
}

const common = strategy({ generation: false, status: false });

export const coordinationBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'coordination.k8s.io/leases': {
    ...common,
    defaults: dropDisabled,
    validate: (object) => leaseErrors(leaseOf(object)),
    columns: [nameColumn, column('Holder', 'Identity of the holder.'), ageColumn],
    row: (object, now) => [object.metadata.name ?? '', leaseOf(object).spec?.holderIdentity ?? '', ageOf(object, now)],
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
};
