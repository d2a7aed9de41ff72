/** How long a certificate is used: the first two thirds of its life. */
import { X509Certificate } from 'node:crypto';

interface Life {
  /** From when it is valid; before that, a clock was ahead when it was made. Wall-clock ms, as the other. */
  readonly from: number;
  /** When it is to be replaced. */
  readonly renewAt: number;
}

export function lifeOf({ validFrom, validTo }: Pick<X509Certificate, 'validFrom' | 'validTo'>): Life {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return { from, renewAt: from + ((to - from) * 2) / 3 };
}

/** Of a certificate in PEM. */
export const renewalTime = (certificate: string): number => lifeOf(new X509Certificate(certificate)).renewAt;
