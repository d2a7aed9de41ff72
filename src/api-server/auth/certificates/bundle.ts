/** Several authorities in one PEM text. */
import { X509Certificate } from 'node:crypto';

const pemForm = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, each as a text of its own, in their order. */
export function certificateTexts(bundle: string): readonly string[] {
  return (bundle.match(pemForm) ?? []).map((text) => `${text}\n`);
}

/** The certificates of a PEM text. Throws for one that is none. */
export function certificatesOf(bundle: string): readonly X509Certificate[] {
  return certificateTexts(bundle).map((text) => new X509Certificate(text));
}

/** Whether one of the authorities signed the certificate. */
export function isSignedBy(certificate: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  return authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
}
