/** Validates and prints access modes of volumes. */

import { type FieldError, forbidden, notSupported } from '../../machinery/index.ts';

const supported = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const volumeModes = ['Block', 'Filesystem'];

/** Checks the access modes of a volume or claim; that there are any is the caller's to check. */
export function accessModeErrors(modes: readonly string[] | undefined, path: string): FieldError[] {
  const list = modes ?? [];
  const errors = list.filter((mode) => !supported.includes(mode)).map((mode) => notSupported(path, mode, supported));
  const others = list.some((mode) => mode !== 'ReadWriteOncePod' && supported.includes(mode));
  if (list.includes('ReadWriteOncePod') && others)
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

const shortNames: Readonly<Record<string, string>> = {
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOnce: 'RWO',
  ReadWriteOncePod: 'RWOP',
};

/** The modes as tables show them: each once, in upstream's fixed order. */
export function accessModesText(modes: readonly string[] | undefined): string {
  const order = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];
  return order
    .filter((mode) => modes?.includes(mode))
    .map((mode) => shortNames[mode])
    .join(',');
}
