/**
 * Recognises services by a key in the X-Api-Key header. The keys stand as SHA-256 in api-keys.json of the cluster's
 * home:
 * {"<sha-256 in hex>": {"name": "ci", "groups": ["builders"]}}
 *
 *   authentication: { modules: [/path/to/api-keys.mjs] }
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export default function apiKeys({ folder, log }) {
  const users = new Map(Object.entries(JSON.parse(readFileSync(join(folder, 'api-keys.json'), 'utf8'))));
  log.info('services are recognised by key', { keys: users.size });
  return {
    name: 'api-keys',
    request: ({ headers }) => {
      const key = headers['x-api-key'];
      if (typeof key !== 'string') return undefined;
      const user = users.get(createHash('sha256').update(key).digest('hex'));
      if (user === undefined) throw new Error('an unknown key');
      return user;
    },
  };
}
