/** Who may do what: the authorizers in their order, and the admission rules that need them. */
import type { KubeObject, StatusError } from '../api/index.ts';
import type { AdmissionPlugin, ResourceView } from '../resources/index.ts';
import {
  type AuthorizationPlugIn,
  type Authorizer,
  certificateError,
  createAuthorizer,
  createNodeAuthorizer,
  createRbac,
  escalationError,
  type EscalationPorts,
  type LocalAuthorizer,
  type Rbac,
  rbacGroup,
} from './auth/index.ts';

/**
 * Who may do what, decided from the local view. Made before the write path, which takes `escalation` among its
 * admission plug-ins.
 */
export interface Access {
  readonly authorize: Authorizer;
  /** By nodes and RBAC alone, at once: for Troupe's own parts. */
  readonly authorizeLocally: LocalAuthorizer;
  readonly rbac: Rbac;
  /** Authorisers that cannot tell what rules they hold. */
  readonly unresolvable: readonly string[];
  /** Refuses roles and bindings that grant more than their writer holds. */
  readonly escalation: AdmissionPlugin;
  /** Every rule of admission that needs to know who may do what; `escalation` is one of them. */
  readonly admission: readonly AdmissionPlugin[];
  close(): void;
}

/** Where the cluster's own authorisers stand among the plug-ins. */
export type AuthorizationStep = 'Node' | 'RBAC' | AuthorizationPlugIn;

/** `order`: default nodes, then RBAC. Masters and public paths come before whatever it names. */
export function createAccess(view: ResourceView, order: readonly AuthorizationStep[] = ['Node', 'RBAC']): Access {
  const rbac = createRbac(view);
  const node = createNodeAuthorizer(view);
  const plugIns = order.filter((step) => typeof step !== 'string');
  const local = { Node: node.authorize, RBAC: rbac.authorize };
  const authorize = createAuthorizer(
    order.map((step): Authorizer => (typeof step === 'string' ? local[step] : step.authorize)),
  );
  const escalation = escalationPlugin({ rbac, authorize });
  return {
    authorize,
    authorizeLocally: createAuthorizer([node.authorize, rbac.authorize]),
    rbac,
    unresolvable: plugIns.map(({ name }) => name),
    escalation,
    admission: [escalation, certificatePlugin(authorize)],
    close: () => {
      rbac.close();
      for (const plugIn of plugIns) plugIn.close?.();
    },
  };
}

/** Nobody grants what they do not hold. */
function escalationPlugin(ports: EscalationPorts): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate: ({ operation, info, subresource, user, namespace, object, old }) => {
      if (info.group !== rbacGroup || subresource !== '' || object === undefined) return;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      const write = { user, resource: info.resource, namespace, object: object as KubeObject, old };
      return refuse(escalationError(ports, write));
    },
  };
}

/** Only who may approve or sign for a signer does. */
function certificatePlugin(authorize: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate: (request) => {
      if (request.info.group !== 'certificates.k8s.io') return;
      return refuse(certificateError(authorize, request));
    },
  };
}

async function refuse(found: Promise<StatusError | undefined>): Promise<void> {
  const error = await found;
  if (error !== undefined) throw error;
}
