/**
 * The keys and certificates of a home: the cluster's authority and the leaves it signs, the keys of service accounts'
 * tokens, the certificate of a node that joined, and the kubeconfig that carries them to users.
 *
 * Private files are written with mode 0600 and replaced whole. Certificates are renewed at two thirds of their life.
 * The library that makes certificates is loaded when one is made (`certificateAuthority`): it takes long to load.
 */
export { ensureHomePki } from './home-pki.ts';
export { briefenCertificates } from './brief-certificates.ts';
export { keepCertificates } from './certificate-renewal.ts';
export { type KubeconfigOptions, kubeconfigText } from './kubeconfig.ts';
export { joinedNode, keepNodeCertificate, writeNodeCertificate } from './node-certificate.ts';
export { issuedCertificate, nodeRequest, RequestRefused, type SigningRequestObject } from './node-request.ts';
export type { Pair } from './certificate-authority.ts';
export { certificateAuthority, machineAddresses, newAuthority, type Pki } from './pki.ts';
export {
  acceptedKeyFiles,
  dropSigningKey,
  followSigningKeys,
  readSigningKeys,
  rotateSigningKey,
  signingKeyFiles,
  signingKeyStatus,
  writeAcceptedKeys,
} from './signing-keys-folder.ts';
