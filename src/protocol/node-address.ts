interface NodeStatus {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[] | undefined;
  readonly addresses?: readonly { readonly type: string; readonly address: string }[] | undefined;
}

/**
 * By which address a ready node is reached from outside the cluster: its external one, else its internal one. Undefined
 * while it is not ready.
 */
export function outsideAddress({ conditions, addresses }: NodeStatus = {}): string | undefined {
  if (conditions?.find(({ type }) => type === 'Ready')?.status !== 'True') return undefined;
  return (addresses?.find(({ type }) => type === 'ExternalIP') ?? addresses?.find(({ type }) => type === 'InternalIP'))
    ?.address;
}
