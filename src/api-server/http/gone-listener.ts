/** Tells when a client's connection, or its stream, is gone. */
import type { ApiHttpRequest } from '../request.ts';

interface Closing {
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

export function goneListener(connection: Closing): NonNullable<ApiHttpRequest['onGone']> {
  return (listener) => {
    connection.once('close', listener);
    return () => {
      connection.off('close', listener);
    };
  };
}
