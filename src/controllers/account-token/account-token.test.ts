import test from 'ava';
import type { Secret, StoredObject } from '../../api/index.ts';
import { base64, nameAnnotation, planSecret, tokenType, uidAnnotation } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const account = stored<StoredObject>({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'default', namespace: 'ns', uid: 'account-1' },
});
const complete = { 'ca.crt': base64('CA'), namespace: base64('ns'), token: base64('signed') };

function secret(parts: { readonly type?: string; readonly uid?: string; readonly data?: Secret['data'] } = {}): Secret {
  const { type = tokenType, uid, data } = parts;
  const annotations = { [nameAnnotation]: 'default', ...(uid === undefined ? {} : { [uidAnnotation]: uid }) };
  return stored<Secret>({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'ns', uid: 'secret-1', annotations },
    type,
    ...(data === undefined ? {} : { data }),
  });
}

const rows: readonly {
  readonly title: string;
  readonly secret: Secret;
  readonly account?: StoredObject | undefined;
  readonly plan: ReturnType<typeof planSecret>;
}[] = [
  {
    title: 'a new Secret gets a token, the certificates and its namespace',
    secret: secret(),
    plan: {
      type: 'fill',
      account,
      data: { 'ca.crt': complete['ca.crt'], namespace: complete.namespace },
      token: undefined,
    },
  },
  {
    title: 'a token that is there is kept when something else is missing',
    secret: secret({ uid: 'account-1', data: { ...complete, 'ca.crt': base64('old CA') } }),
    plan: {
      type: 'fill',
      account,
      data: { 'ca.crt': complete['ca.crt'], namespace: complete.namespace },
      token: complete.token,
    },
  },
  {
    title: 'a complete Secret is left alone',
    secret: secret({ uid: 'account-1', data: complete }),
    plan: { type: 'nothing' },
  },
  {
    title: 'a Secret goes with its account',
    secret: secret({ uid: 'account-1', data: complete }),
    account: undefined,
    plan: { type: 'delete' },
  },
  {
    title: 'a Secret of an earlier account of the same name goes',
    secret: secret({ uid: 'account-0', data: complete }),
    plan: { type: 'delete' },
  },
  {
    title: 'a Secret of another type is not touched',
    secret: secret({ type: 'Opaque' }),
    account: undefined,
    plan: { type: 'nothing' },
  },
];
for (const row of rows)
  test(row.title, (t) => {
    const owner = 'account' in row ? row.account : account;
    const observed = { secret: row.secret, account: owner, rootCertificates: 'CA', isReplaced: () => false };
    t.deepEqual(planSecret(observed), row.plan);
  });

test('a token of a key that signs no longer is replaced', (t) => {
  const plan = planSecret({
    secret: secret({ uid: 'account-1', data: complete }),
    account,
    rootCertificates: 'CA',
    isReplaced: (token) => token === complete.token,
  });
  t.like(plan, { type: 'fill', token: undefined });
});
