/** Decides what a Secret of the type service-account-token holds, and whether it may stay. */
import type { Secret, StoredObject } from '../../api/index.ts';

export const tokenType = 'kubernetes.io/service-account-token';
export const nameAnnotation = 'kubernetes.io/service-account.name';
export const uidAnnotation = 'kubernetes.io/service-account.uid';

interface Observed {
  readonly secret: Secret;
  /** The ServiceAccount that the Secret names. */
  readonly account: StoredObject | undefined;
  /** PEM of the certificates by which the API server is trusted. */
  readonly rootCertificates: string;
  readonly isReplaced: (token: string) => boolean;
}

type Plan =
  | { readonly type: 'nothing' }
  /** The account is gone, or another one has its name. */
  | { readonly type: 'delete' }
  | {
      readonly type: 'fill';
      readonly account: StoredObject;
      /** Fields in base64, the token not among them. */
      readonly data: Readonly<Record<string, string>>;
      /** The token in base64 that the Secret has already; absent: one is to be issued. */
      readonly token: string | undefined;
    };

export const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

export function planSecret({ secret, account, rootCertificates, isReplaced }: Observed): Plan {
  const { annotations = {}, namespace = '', deletionTimestamp } = secret.metadata;
  if (secret.type !== tokenType || deletionTimestamp !== undefined) return { type: 'nothing' };
  const uid = annotations[uidAnnotation];
  if (account === undefined || (uid !== undefined && uid !== '' && uid !== account.metadata.uid))
    return { type: 'delete' };
  const data = { 'ca.crt': base64(rootCertificates), namespace: base64(namespace) };
  const held = secret.data?.['token'];
  // The key of an older token may be dropped soon.
  const token = held !== undefined && !isReplaced(held) ? held : undefined;
  const isComplete =
    token !== undefined &&
    Object.entries(data).every(([field, value]) => secret.data?.[field] === value) &&
    uid === account.metadata.uid;
  return isComplete ? { type: 'nothing' } : { type: 'fill', account, data, token };
}
