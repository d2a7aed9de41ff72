/** Why a call of a service outside failed, in the words of Go's clients. */

/** What a failed call knows of itself. */
interface CallFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly hostname?: string | undefined;
  /** Of calls that tried several addresses. */
  readonly errors?: readonly CallFailure[] | undefined;
  /** Of a certificate for other names. */
  readonly host?: string | undefined;
  readonly cert?: { readonly subjectaltname?: string | undefined };
}

const refusals: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
};
const certificate = 'tls: failed to verify certificate: x509: certificate';
const failures: Readonly<Record<string, string>> = {
  ABORT_ERR: 'context deadline exceeded',
  CERT_HAS_EXPIRED: `${certificate} has expired or is not yet valid`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `${certificate} signed by unknown authority`,
  ECONNRESET: 'EOF',
  EPROTO: 'http: server gave HTTP response to HTTPS client',
  SELF_SIGNED_CERT_IN_CHAIN: `${certificate} signed by unknown authority`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `${certificate} signed by unknown authority`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `${certificate} signed by unknown authority`,
};

/** Why a call has failed, in the words of Go's clients, which those who look after webhooks know. */
export function callFailureText(failure: CallFailure): string {
  const [first] = failure.errors ?? [];
  if (first !== undefined) return callFailureText(first);
  const { name, code = '', address = '', port = 0, hostname = '' } = failure;
  const refused = refusals[code];
  if (refused !== undefined)
    return `dial tcp ${address.includes(':') ? `[${address}]` : address}:${String(port)}: connect: ${refused}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `dial tcp: lookup ${hostname}: ${code === 'ENOTFOUND' ? 'no such host' : 'server misbehaving'}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return namesText(failure);
  return name === 'TimeoutError' ? 'context deadline exceeded' : (failures[code] ?? failure.message);
}

function namesText({ host = '', cert }: CallFailure): string {
  const names = (cert?.subjectaltname ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '');
  return names.length === 0
    ? `${certificate} is not valid for any names, but wanted to match ${host}`
    : `${certificate} is valid for ${names.join(', ')}, not ${host}`;
}
