import test from 'ava';
import { type Ingress, type IngressClass, type Node, resources } from '../api/index.ts';
import { ingressController } from '../protocol/index.ts';
import { ingressClassController } from './class-controller.ts';
import { type IngressControllerPorts, ingressStatusController } from './status-controller.ts';
import { World } from './world.fixture.ts';

const classes = ingressClassController('troupe');

/** Runs both controllers after each change until nothing wakes them any more. */
async function settle(world: World, change: () => void = () => undefined): Promise<void> {
  const ports: IngressControllerPorts = {
    view: world.view,
    client: world.client,
    event: (object, type, reason) => {
      world.events.push(`${(object as Ingress).metadata.name} ${type} ${reason}`);
    },
  };
  const woken = new Set<string>();
  const statuses = ingressStatusController();
  const stop = world.view.onChange((seen) => {
    for (const key of statuses.keysFor(seen, ports)) woken.add(`status ${key}`);
    for (const key of classes.keysFor(seen)) woken.add(`class ${key}`);
  });
  change();
  for (let turns = 0; woken.size > 0 && turns < 100; turns++) {
    const [next = ''] = woken;
    woken.delete(next);
    const [which, key = ''] = next.split(' ');
    await (which === 'class' ? classes.reconcile(key, ports) : statuses.reconcile(key, ports));
  }
  stop();
}

const to = (name: string): object => ({ defaultBackend: { service: { name, port: { number: 80 } } } });
const statusOf = (world: World, name: string): unknown =>
  world.view.get<Ingress>(resources.ingresses, 'default', name)?.status?.loadBalancer?.ingress;
const service = (world: World, name: string): void => {
  world.put(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  });
};

test('a ConfigMap is parsed by neither controller', (t) => {
  const world = new World();
  const change = {
    type: 'put',
    resource: { group: '', resource: 'configmaps' },
    get object(): never {
      throw new Error('parsed');
    },
  } as const;
  t.deepEqual(
    ingressStatusController().keysFor(change, { view: world.view, client: world.client, event: () => undefined }),
    [],
  );
  t.deepEqual(classes.keysFor(change), []);
});

test('the class is made once a node serves, as the default if there is none, and is then left alone', async (t) => {
  const world = new World();
  await settle(world, () => {
    world.node('n1', '10.0.0.1', { serves: false });
  });
  t.deepEqual(world.writes, []);
  await settle(world, () => {
    world.node('n1', '10.0.0.1');
  });
  const made = world.view.get<IngressClass>(resources.ingressClasses, undefined, 'troupe');
  t.like(made, { spec: { controller: ingressController } });
  t.is(made?.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'], 'true');
  await settle(world, () => {
    world.node('n2', '10.0.0.2');
  });
  t.deepEqual(world.writes, ['create ingressclasses']);
});

test('a cluster that has a default class keeps it', async (t) => {
  const world = new World();
  world.ingressClass('nginx', 'k8s.io/ingress-nginx', true);
  await settle(world, () => {
    world.node('n1', '10.0.0.1');
  });
  t.is(world.view.get<IngressClass>(resources.ingressClasses, undefined, 'troupe')?.metadata.annotations, undefined);
});

test('an Ingress shows each address of the ready serving nodes once, and is written when they change', async (t) => {
  const world = new World();
  world.ingressClass('troupe', ingressController);
  service(world, 'web');
  world.node('n1', '10.0.0.2');
  world.node('n2', '10.0.0.1');
  world.node('n3', '10.0.0.1');
  world.node('idle', '10.0.0.9', { serves: false });
  await settle(world, () => {
    world.ingress('web', { ingressClassName: 'troupe', ...to('web') });
  });
  t.deepEqual(statusOf(world, 'web'), [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }]);
  t.is(world.writes.length, 1);
  await settle(world, () => {
    world.node('n3', '10.0.0.1', { ready: false });
  });
  t.is(world.writes.length, 1);
  await settle(world, () => {
    world.node('n1', '10.0.0.2', { ready: false });
  });
  t.deepEqual(statusOf(world, 'web'), [{ ip: '10.0.0.1' }]);
  t.deepEqual(world.events, []);
});

test('an Ingress shows no node that is about to go or is kept out of load balancers', async (t) => {
  const world = new World();
  world.ingressClass('troupe', ingressController);
  service(world, 'web');
  for (const [i, name] of ['stays', 'going', 'kept-out'].entries()) world.node(name, `10.0.0.${i + 1}`);
  await settle(world, () => {
    world.ingress('web', { ingressClassName: 'troupe', ...to('web') });
  });
  t.deepEqual(statusOf(world, 'web'), [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }, { ip: '10.0.0.3' }]);
  const change = async (name: string, part: (node: Node) => object): Promise<unknown> => {
    const node = world.view.get<Node>(resources.nodes, undefined, name);
    t.truthy(node);
    await settle(world, () => {
      if (node !== undefined) world.put(resources.nodes, { ...node, ...part(node) });
    });
    return statusOf(world, 'web');
  };
  const taints = [{ key: 'ToBeDeletedByClusterAutoscaler', value: '1', effect: 'NoSchedule' }];
  t.deepEqual(await change('going', () => ({ spec: { taints } })), [{ ip: '10.0.0.1' }, { ip: '10.0.0.3' }]);
  const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
  const excluded = await change('kept-out', ({ metadata }) => ({ metadata: { ...metadata, labels } }));
  t.deepEqual(excluded, [{ ip: '10.0.0.1' }]);
  const back = await change('going', () => ({ spec: {} }));
  t.deepEqual(back, [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }]);
});

test('signs of life of nodes wake nobody', (t) => {
  const world = new World();
  world.ingress('web', to('web'));
  world.node('n1', '10.0.0.1');
  const woken: string[] = [];
  world.view.onChange((change) => {
    woken.push(
      ...ingressStatusController().keysFor(change, { ...world, event: () => undefined }),
      ...classes.keysFor(change),
    );
  });
  world.node('n1', '10.0.0.1');
  world.node('n2', '10.0.0.2', { serves: false });
  t.deepEqual(woken, []);
});

test('a status is taken back when the class changes; one that another controller wrote is not touched', async (t) => {
  const world = new World();
  world.ingressClass('troupe', ingressController);
  world.ingressClass('nginx', 'k8s.io/ingress-nginx');
  world.node('n1', '10.0.0.1');
  service(world, 'web');
  await settle(world, () => {
    world.ingress('web', { ingressClassName: 'troupe', ...to('web') });
  });
  t.deepEqual(statusOf(world, 'web'), [{ ip: '10.0.0.1' }]);
  const current = world.view.get<Ingress>(resources.ingresses, 'default', 'web');
  await settle(world, () => {
    if (current !== undefined)
      world.put(resources.ingresses, { ...current, spec: { ...current.spec, ingressClassName: 'nginx' } });
  });
  t.is(statusOf(world, 'web'), undefined);
  const foreign = { ip: '9.9.9.9' };
  await settle(world, () => {
    world.put(resources.ingresses, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'theirs', namespace: 'default' },
      spec: { ingressClassName: 'nginx' },
      status: { loadBalancer: { ingress: [foreign] } },
    });
  });
  t.deepEqual(statusOf(world, 'theirs'), [foreign]);
});

test('problems are events on the Ingress, and looked at again when the Service or Secret changes', async (t) => {
  const world = new World();
  world.ingressClass('troupe', ingressController);
  await settle(world, () => {
    world.ingress('web', { ingressClassName: 'troupe', ...to('web'), tls: [{ hosts: ['a'], secretName: 'cert' }] });
  });
  t.deepEqual(world.events.splice(0), [
    'web Warning NotServed',
    'web Warning ServiceNotFound',
    'web Warning SecretNotFound',
  ]);
  await settle(world, () => {
    world.node('n1', '10.0.0.1');
  });
  t.deepEqual(world.events.splice(0), ['web Warning ServiceNotFound', 'web Warning SecretNotFound']);
  await settle(world, () => {
    service(world, 'web');
  });
  t.deepEqual(world.events.splice(0), ['web Warning SecretNotFound']);
  await settle(world, () => {
    world.put(resources.secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'cert', namespace: 'default' },
    });
  });
  t.deepEqual(world.events.splice(0), ['web Warning InvalidCertificate']);
  await settle(world, () => {
    service(world, 'unrelated');
  });
  t.deepEqual(world.events, []);
});

test("without a class of Troupe's nothing is written", async (t) => {
  const world = new World();
  await settle(world, () => {
    world.ingress('web', to('web'));
    world.ingressClass('nginx', 'k8s.io/ingress-nginx', true);
  });
  t.deepEqual([...world.writes, ...world.events], []);
});
