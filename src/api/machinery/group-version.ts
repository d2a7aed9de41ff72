/** How objects and documents name a group with its version. */

/** `apps/v1`, or `v1` alone for the core group: the field apiVersion. */
export const apiVersionOf = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  group === '' ? version : `${group}/${version}`;
