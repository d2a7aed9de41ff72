/** The Kubernetes API as the example's side-cars need it. */
import { request } from 'node:https';

export interface ApiOptions {
  readonly server: string;
  readonly token: string;
  readonly ca: string;
}

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Sends one request and answers its JSON. Rejects with ApiError. */
export function api(options: ApiOptions): <T>(method: string, path: string, body?: object) => Promise<T> {
  return <T>(method: string, path: string, body?: object) =>
    new Promise<T>((resolve, reject) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const headers = { authorization: `Bearer ${options.token}`, accept: 'application/json', 'content-type': type };
      const sent = request(`${options.server}${path}`, { method, headers, ca: options.ca }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(JSON.parse(text) as T);
          else reject(new ApiError(status, text));
        });
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
