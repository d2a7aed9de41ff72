/** A machine's name as a node's name (RFC 1123 subdomain). */
export function nodeNameOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9.-]/g, '-')
      .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '') || 'node'
  );
}
