/** Why a connection was not made, in the words of a kubelet. */
import { joinHostPort } from '../../base/index.ts';

export function connectMessage(error: Error & { code?: string }, host: string, port: number): string {
  const refused = error.code === 'ECONNREFUSED' ? 'connect: connection refused' : error.message;
  return `dial tcp ${joinHostPort(host, port)}: ${refused}`;
}
