import test from 'ava';
import { Cluster, eventually } from './cluster.ts';
import { apply, kubectl, must } from './own-servers.ts';

const group = 'admissionregistration.k8s.io/v1alpha1';

let cluster: Cluster;
test.before(async (t) => {
  t.timeout(240_000);
  cluster = await Cluster.create(
    'policies',
    ['--nodes', '0'],
    ['featureGates:', '  MutatingAdmissionPolicy: true', 'runtimeConfig:', `  ${group}: true`],
  );
});
test.after.always(() => {
  cluster.destroy();
});

const policy = {
  apiVersion: group,
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: 'sidecars' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }],
    },
    matchConditions: [{ name: 'wants-a-proxy', expression: "object.metadata.?labels['proxy'].orValue('') == 'yes'" }],
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
    variables: [{ name: 'present', expression: "object.spec.template.spec.containers.exists(c, c.name == 'proxy')" }],
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          expression:
            'variables.present ? Object{} : Object{spec: Object.spec{template: Object.spec.template{spec: ' +
            "Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'proxy', " +
            "image: 'registry.example.com/proxy:1'}]}}}}",
        },
      },
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          expression:
            "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/by'), value: " +
            "request.userInfo.username.split(':')[0]}]",
        },
      },
    ],
  },
};
const binding = {
  apiVersion: group,
  kind: 'MutatingAdmissionPolicyBinding',
  metadata: { name: 'sidecars' },
  spec: { policyName: 'sidecars' },
};

const deployment = (name: string, labels: object): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default', labels },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'registry.example.com/main:1' }] },
    },
  },
});
const images = (name: string): Promise<string> =>
  must(cluster, [
    'get',
    'deployment',
    name,
    '-o',
    'jsonpath={.spec.template.spec.containers[*].image} {.metadata.labels}',
  ]);

test.serial(
  'policies that change objects are served, explained and listed where the settings switch them on',
  async (t) => {
    t.regex(
      await must(cluster, ['api-resources', '--api-group=admissionregistration.k8s.io', '--no-headers']),
      /mutatingadmissionpolicies\s+admissionregistration.k8s.io\/v1alpha1\s+false\s+MutatingAdmissionPolicy/,
    );
    t.regex(await must(cluster, ['explain', 'mutatingadmissionpolicies.spec.mutations']), /patchType/);
    t.regex(
      await must(cluster, ['get', 'apiservices', 'v1alpha1.admissionregistration.k8s.io', '--no-headers']),
      /Local\s+True/,
    );
    await apply(cluster, policy);
    await apply(cluster, binding);
    t.regex(await must(cluster, ['get', 'mutatingadmissionpolicies', '--no-headers']), /^sidecars\s+2\s+<unset>\s/);
    t.regex(
      await must(cluster, ['get', 'mutatingadmissionpolicybindings', '--no-headers']),
      /^sidecars\s+sidecars\s+<unset>\s/,
    );
  },
);

test.serial('a policy adds a container and a label to what kubectl makes, and leaves the rest alone', async (t) => {
  await apply(cluster, deployment('with', { proxy: 'yes' }));
  const user = await must(cluster, ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}']);
  t.is(
    await images('with'),
    'registry.example.com/main:1 registry.example.com/proxy:1 ' +
      `{"example.com/by":${JSON.stringify(user.split(':')[0])},"proxy":"yes"}`,
  );
  await apply(cluster, deployment('without', { proxy: 'no' }));
  t.is(await images('without'), 'registry.example.com/main:1 {"proxy":"no"}');
  await must(
    cluster,
    ['apply', '--server-side', '-f', '-', '--dry-run=server'],
    JSON.stringify(deployment('rehearsed', { proxy: 'yes' })),
  );
  t.not((await kubectl(cluster, ['get', 'deployment', 'rehearsed'])).status, 0);
});

test.serial('a policy that fails refuses, until it is gone', async (t) => {
  const failing = {
    ...policy,
    metadata: { name: 'failing' },
    spec: {
      ...policy.spec,
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: {
            expression: "Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'a': 'b'}}}}",
          },
        },
      ],
    },
  };
  await apply(cluster, failing);
  await apply(cluster, { ...binding, metadata: { name: 'failing' }, spec: { policyName: 'failing' } });
  const refused = await kubectl(
    cluster,
    ['create', '-f', '-'],
    JSON.stringify(deployment('refused', { proxy: 'yes' })),
  );
  t.regex(
    refused.stderr,
    new RegExp(
      "policy 'failing' with binding 'failing' denied request: error applying patch: " +
        'invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \\.spec\\.selector',
    ),
  );
  await must(cluster, ['delete', 'mutatingadmissionpolicy', 'failing']);
  await eventually(
    'the policy is gone',
    async () =>
      (await kubectl(cluster, ['create', '-f', '-'], JSON.stringify(deployment('made', { proxy: 'yes' })))).status ===
      0,
  );
});
