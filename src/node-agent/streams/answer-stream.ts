/** Sends the body of an answer to a door. */
import type { KubeletAnswer } from '../kubelet/index.ts';
import type { StreamLink } from './stream-link.ts';

/** On channel 1, to its end or the door's. */
export async function sendAnswer(link: StreamLink, { body }: KubeletAnswer): Promise<void> {
  if (typeof body === 'string') await link.send(1, new TextEncoder().encode(body));
  else for await (const part of body) if (!(await link.send(1, part))) break;
  link.end();
}
