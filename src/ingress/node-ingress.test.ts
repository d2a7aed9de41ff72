import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../base/index.ts';
import { SimulatedTime } from '../platform/index.ts';
import { ingressController, ingressPortsAnnotation } from '../protocol/index.ts';
import { shopPair, wildcardPair } from './certificates.fixture.ts';
import { resources, type Secret } from '../api/index.ts';
import { type NodeIngress, serveNodeIngress } from './node-ingress.ts';
import type { RouteTable } from './proxy/index.ts';
import { stored, World } from './world.fixture.ts';

/** A node with a proxy that only notes its commands. */
class Machine {
  readonly world = new World();
  readonly time = new SimulatedTime();
  readonly tables: RouteTable[] = [];
  readonly secrets = new Map<string, Secret>();
  readonly #followers = new Map<string, () => void>();
  free = true;
  secretsKnown = Promise.resolve();
  opened = 0;
  open = false;
  end: () => void = () => undefined;
  readonly #ingress: NodeIngress;

  constructor(t: ExecutionContext) {
    this.world.ingressClass('troupe', ingressController);
    this.world.node('n1', '10.0.0.1', { serves: false });
    this.#ingress = serveNodeIngress({
      nodeName: 'n1',
      view: this.world.view,
      client: this.world.client,
      clock: this.time,
      timers: this.time,
      log: silentLogger,
      ports: { http: 80, https: 443 },
      followSecret: (namespace, name, changed) => {
        const key = `${namespace}/${name}`;
        this.#followers.set(key, changed);
        const secretNow = (): Secret | undefined => this.secrets.get(key);
        return {
          get secret() {
            return secretNow();
          },
          synced: () => this.secretsKnown,
          close: () => {
            this.#followers.delete(key);
          },
        };
      },
      portsFree: () => Promise.resolve(this.free),
      openProxy: (ended) => {
        if (!this.free) return Promise.reject(new Error('address in use'));
        this.opened += 1;
        this.open = true;
        this.end = () => {
          this.open = false;
          ended();
        };
        return Promise.resolve({
          apply: (table) => {
            this.tables.push(table);
          },
          close: () => {
            this.open = false;
            return Promise.resolve();
          },
        });
      },
    });
    t.teardown(() => this.#ingress.close());
  }

  close(): Promise<void> {
    return this.#ingress.close();
  }

  get following(): readonly string[] {
    return [...this.#followers.keys()];
  }

  putSecret(key: string, secret: Secret): void {
    this.secrets.set(key, secret);
    this.#followers.get(key)?.();
  }

  get announced(): string | undefined {
    return this.world.view.get(resources.nodes, undefined, 'n1')?.metadata.annotations?.[ingressPortsAnnotation];
  }

  get last(): RouteTable | undefined {
    return this.tables.at(-1);
  }

  /** Lets time pass in small steps, with everything that follows from each. */
  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 10) {
      this.time.advance(10);
      for (let i = 0; i < 10; i++) await Promise.resolve();
    }
  }
}

const spec = (service: string, more: object = {}): object => ({
  ingressClassName: 'troupe',
  rules: [
    {
      host: 'a.example',
      http: {
        paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: 80 } } } }],
      },
    },
  ],
  ...more,
});
function service(world: World, name: string, addresses: readonly string[]): void {
  world.put(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  });
  world.put(resources.endpointSlices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ port: 8080 }],
    endpoints: addresses.map((address) => ({ addresses: [address] })),
  } as never);
}

test('a node says that it serves when its ports are free, and opens them only when there is an Ingress', async (t) => {
  const machine = new Machine(t);
  await machine.pass(100);
  t.is(machine.announced, '80,443');
  t.is(machine.opened, 0);
  service(machine.world, 'web', ['10.0.0.1']);
  machine.world.ingress('web', spec('web'));
  await machine.pass(100);
  t.true(machine.open);
  t.deepEqual(machine.last?.backends, { 'default/web:80': ['10.0.0.1:8080'] });
});

test('changes that follow each other closely make one table, and changes elsewhere make none', async (t) => {
  const machine = new Machine(t);
  service(machine.world, 'web', ['10.0.0.1']);
  machine.world.ingress('web', spec('web'));
  await machine.pass(100);
  const before = machine.tables.length;
  for (let i = 2; i < 12; i++) service(machine.world, 'web', ['10.0.0.1', `10.0.0.${i}`]);
  await machine.pass(100);
  t.is(machine.tables.length, before + 1);
  t.deepEqual(machine.last?.backends, { 'default/web:80': ['10.0.0.11:8080', '10.0.0.1:8080'] });
  service(machine.world, 'unrelated', ['10.0.0.99']);
  await machine.pass(100);
  t.is(machine.tables.length, before + 1);
});

test('changes without end do not put the table off', async (t) => {
  const machine = new Machine(t);
  service(machine.world, 'web', ['10.0.0.1']);
  machine.world.ingress('web', spec('web'));
  for (let i = 2; i < 60; i++) {
    service(machine.world, 'web', [`10.0.0.${i}`]);
    await machine.pass(10);
  }
  t.true(machine.tables.length > 10);
});

test('taken ports are said on the Node as an Event, not as its annotation, and tried again', async (t) => {
  const machine = new Machine(t);
  machine.free = false;
  machine.world.ingress('web', spec('web'));
  await machine.pass(200);
  t.is(machine.announced, undefined);
  t.deepEqual(machine.world.writes, ['create events']);
  machine.free = true;
  await machine.pass(6_000);
  t.is(machine.announced, '80,443');
  t.true(machine.open);
});

test('beside another node of the machine that serves, a node says nothing', async (t) => {
  const machine = new Machine(t);
  machine.free = false;
  machine.world.node('n2', '10.0.0.1');
  await machine.pass(200);
  t.deepEqual(machine.world.writes, []);
});

test('a proxy that ends by itself is restarted, with the table', async (t) => {
  const machine = new Machine(t);
  service(machine.world, 'web', ['10.0.0.1']);
  machine.world.ingress('web', spec('web'));
  await machine.pass(100);
  machine.end();
  await machine.pass(6_000);
  t.is(machine.opened, 2);
  t.is(machine.tables.length, 2);
});

test('the ports are let go some time after the last Ingress, unless another one comes', async (t) => {
  const machine = new Machine(t);
  machine.world.ingress('web', spec('web'));
  await machine.pass(100);
  machine.world.remove(resources.ingresses, 'default', 'web');
  await machine.pass(10_000);
  t.true(machine.open);
  t.deepEqual(machine.last?.hosts, []);
  machine.world.ingress('web', spec('web'));
  await machine.pass(40_000);
  t.true(machine.open);
  machine.world.remove(resources.ingresses, 'default', 'web');
  await machine.pass(40_000);
  t.false(machine.open);
  t.is(machine.announced, '80,443');
});

test('only Secrets of served Ingresses are followed; a renewed one is shown at once', async (t) => {
  const machine = new Machine(t);
  const secretOf = ({ certificate, key }: typeof shopPair): Secret =>
    stored<Secret>({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'cert' },
      data: { 'tls.crt': Buffer.from(certificate).toString('base64'), 'tls.key': Buffer.from(key).toString('base64') },
    });
  machine.world.ingress('web', spec('web', { tls: [{ hosts: ['a.example'], secretName: 'cert' }] }));
  machine.world.ingress('foreign', spec('web', { ingressClassName: 'nginx', tls: [{ secretName: 'other' }] }));
  await machine.pass(100);
  t.deepEqual(machine.following, ['default/cert']);
  t.deepEqual(machine.last?.certificates, []);
  machine.putSecret('default/cert', secretOf(shopPair));
  await machine.pass(100);
  t.is(machine.last?.certificates[0]?.certificate, shopPair.certificate);
  machine.putSecret('default/cert', secretOf(wildcardPair));
  await machine.pass(100);
  t.is(machine.last?.certificates[0]?.certificate, wildcardPair.certificate);
  machine.world.remove(resources.ingresses, 'default', 'web');
  await machine.pass(100);
  t.deepEqual(machine.following, []);
});

test('the ports are opened when the certificates are known, or after two seconds without them', async (t) => {
  const machine = new Machine(t);
  const known = Promise.withResolvers<void>();
  machine.secretsKnown = known.promise;
  machine.world.ingress('web', spec('web', { tls: [{ hosts: ['a.example'], secretName: 'cert' }] }));
  await machine.pass(500);
  t.false(machine.open);
  known.resolve();
  await machine.pass(50);
  t.true(machine.open);
  const other = new Machine(t);
  other.secretsKnown = new Promise(() => undefined);
  other.world.ingress('web', spec('web', { tls: [{ hosts: ['a.example'], secretName: 'cert' }] }));
  await other.pass(3_000);
  t.true(other.open);
});

test('a Node that was deleted and recreated says again that it serves', async (t) => {
  const machine = new Machine(t);
  await machine.pass(100);
  machine.world.node('n1', '10.0.0.1', { serves: false });
  await machine.pass(100);
  t.is(machine.announced, '80,443');
});

test('a node that ends lets the ports go', async (t) => {
  const machine = new Machine(t);
  machine.world.ingress('web', spec('web'));
  await machine.pass(100);
  await machine.close();
  t.false(machine.open);
  machine.world.ingress('more', spec('web'));
  await machine.pass(100);
  t.is(machine.opened, 1);
});
