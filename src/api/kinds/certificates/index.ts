/** Certificate signing requests: someone asks, someone approves, a signer signs. */
import { durationText } from '../../machinery/index.ts';
import type { CertificateSigningRequest, Sent } from '../../objects/index.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { keepField, strategy } from '../strategy.ts';
import { createErrors, prepareForCreate } from './request-creation.ts';
import { approvalBehaviour, keepRequest, statusBehaviour } from './request-status.ts';

const requestOf = (object: object): Sent<CertificateSigningRequest> => object as Sent<CertificateSigningRequest>;

function stateText(object: object): string {
  const { status: state } = requestOf(object);
  const has = (type: string): boolean => (state?.conditions ?? []).some((condition) => condition.type === type);
  const text = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${text}${has('Failed') ? ',Failed' : ''}${(state?.certificate ?? '') === '' ? '' : ',Issued'}`;
}

export const certificatesBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'certificates.k8s.io/certificatesigningrequests': {
    ...strategy({ generation: false, status: true }),
    prepareForCreate,
    prepareForUpdate(object, old) {
      keepRequest(object, old);
      keepField(object, old, 'status');
    },
    validate: createErrors,
    validateUpdate: () => [],
    subresources: { status: statusBehaviour, approval: approvalBehaviour },
    selectableFields: (object) => ({ 'spec.signerName': requestOf(object).spec?.signerName ?? '' }),
    columns: [
      nameColumn,
      ageColumn,
      column('SignerName', 'Signer that should sign the request.'),
      column('Requestor', 'User who sent the request.'),
      column('RequestedDuration', 'Requested lifetime of the certificate.'),
      column('Condition', 'State of the request: Pending, Approved, Denied, Failed and Issued.'),
    ],
    row(object, now) {
      const spec = requestOf(object).spec ?? {};
      const duration = spec.expirationSeconds === undefined ? '<none>' : durationText(spec.expirationSeconds * 1000);
      return [
        object.metadata.name ?? '',
        ageOf(object, now),
        spec.signerName ?? '<none>',
        spec.username ?? '',
        duration,
        stateText(object),
      ];
    },
  },
};
