/** By which address a node is reached from outside the cluster: its external one, else its internal one. */
export function outsideAddress(addresses: readonly { readonly type: string; readonly address: string }[] | undefined): string | undefined {
  return (addresses?.find(({ type }) => type === 'ExternalIP') ?? addresses?.find(({ type }) => type === 'InternalIP'))?.address;
}
