import test from 'ava';
import { startHarness } from '../testing/harness.ts';

const classes = '/apis/networking.k8s.io/v1/ingressclasses';
const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
const ingress = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, ...spec },
});

test('an Ingress without a class gets the newest default one, of those the first by name', async (t) => {
  const h = await startHarness();
  const chosen = async (name: string, spec?: object): Promise<unknown> => {
    const made = (await h.post(ingresses, ingress(name, spec))) as unknown as { spec?: { ingressClassName?: string } };
    return made.spec?.ingressClassName;
  };
  const add = (name: string, more: object = {}): Promise<object> =>
    h.post(classes, { metadata: { name, ...more }, spec: { controller: 'example.com/c' } });
  await add('plain');
  t.is(await chosen('before'), undefined);
  await add('old', { annotations });
  t.is(await chosen('one'), 'old');
  h.now += 5_000;
  await add('young-b', { annotations });
  await add('young-a', { annotations });
  t.is(await chosen('several'), 'young-a');
  t.is(await chosen('named', { ingressClassName: 'plain' }), 'plain');
});
