/** The web server that replicas of a Service run, and how it is asked. */
import { Agent, request } from 'node:http';

/** How many replicas a Service has. */
export const webReplicas = 3;
/** Asked so often, each endpoint of three is met, unless with a chance of 1 in 10^35. */
export const lastAsks = 200;
const answerMs = 2_000;

const agent = new Agent({ keepAlive: false });

export interface Door {
  readonly host: string;
  readonly port: number;
}

/** One request on a connection of its own: each is balanced anew. */
export function ask({ host, port }: Door): Promise<{ readonly ok: boolean; readonly text: string }> {
  return new Promise((resolve) => {
    const call = request({ host, port, agent, headers: { host: 'web.chaos.test' } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        resolve({
          ok: response.statusCode === 200,
          text: response.statusCode === 200 ? text.trim() : `status ${response.statusCode}`,
        });
      });
      response.on('error', (error) => {
        resolve({ ok: false, text: error.message });
      });
    });
    AbortSignal.timeout(answerMs).addEventListener('abort', () => {
      call.destroy(new Error(`no answer within ${answerMs} ms`));
    });
    call.on('error', (error) => {
      resolve({ ok: false, text: error.message });
    });
    call.end();
  });
}

/** Each replica answers with its name, and goes on for a moment after it is told to end, as a good server does. */
export const webProgram = `mkdir -p /tmp/www; hostname > /tmp/www/index.html; httpd -p 8080 -h /tmp/www
trap 'sleep 2; exit 0' TERM; while :; do sleep 0.2; done`;
