import test, { type ExecutionContext } from 'ava';
import { bodyJson, bodyText, type DoorHarness, startDoor, streamOf } from '../src/api-server/testing/index.ts';
import { startHarness } from '../src/resources/testing/harness.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const metadataOnly = 'as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const maps = '/api/v1/namespaces/default/configmaps';
const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function doorWithWidgets(t: ExecutionContext): Promise<DoorHarness> {
  const { service } = await startHarness();
  const door = startDoor({ service });
  const made = async (path: string, body: object): Promise<object> => {
    const answer = await door.ask('POST', path, { body });
    t.is(answer.status, 201, bodyText(answer));
    return bodyJson(answer);
  };
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
  const schema = { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } };
  const definition = await made(definitions, {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  const condition = (type: string): object => ({ type, status: 'True', reason: 'Test', lastTransitionTime: null });
  const status = {
    acceptedNames: names,
    storedVersions: ['v1'],
    conditions: [condition('NamesAccepted'), condition('Established')],
  };
  const url = `${definitions}/widgets.example.com/status`;
  t.is((await door.ask('PUT', url, { body: { ...definition, status } })).status, 200);
  await made(widgets, { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, size: 1 });
  await made(maps, { metadata: { name: 'a' }, data: { key: 'the-value' } });
  return door;
}

test('custom objects are no protobuf, their metadata is', async (t) => {
  const door = await doorWithWidgets(t);
  const as = async (path: string, accept: string): Promise<{ status: number; type: unknown; text: string }> => {
    const answer = await door.ask('GET', path, { headers: { accept } });
    return { status: answer.status, type: answer.headers['content-type'], text: bodyText(answer) };
  };
  const known = 'only the following media types are accepted: application/json, application/yaml, ' + protobuf;
  for (const path of [widgets, `${widgets}/w`]) {
    for (const accept of [protobuf, 'text/html']) {
      const refused = await as(path, accept);
      t.is(refused.status, 406);
      t.true(refused.text.includes(known), refused.text);
    }
    t.like(await as(path, `${protobuf},application/json`), { status: 200, type: 'application/json' });
  }
  for (const [path, kind] of [
    [`${widgets}/w`, 'PartialObjectMetadata'],
    [widgets, 'PartialObjectMetadataList'],
    [`${maps}/a`, 'PartialObjectMetadata'],
    [maps, 'PartialObjectMetadataList'],
  ] as const) {
    const metadata = await as(path, `${protobuf};as=${kind};v=v1;g=meta.k8s.io`);
    t.like(metadata, { status: 200, type: protobuf });
    t.true(metadata.text.startsWith('k8s\0') && metadata.text.includes(kind) && metadata.text.includes('default'));
    t.false(metadata.text.includes('the-value'));
  }
});

test('a watch is JSON or protobuf, of objects or of their metadata', async (t) => {
  const door = await doorWithWidgets(t);
  const watched = (path: string, accept: string): ReturnType<DoorHarness['ask']> =>
    door.ask('GET', `${path}?watch=true`, { headers: { accept } });
  const yaml = await watched(maps, 'application/yaml');
  t.is(yaml.status, 406);
  t.regex(bodyText(yaml), new RegExp(`accepted: application/json;stream=watch, ${protobuf};stream=watch`));
  const whole = await watched(maps, protobuf);
  t.is(whole.headers['content-type'], `${protobuf};stream=watch`);
  t.true(streamOf(whole).text.includes('the-value'));
  for (const path of [maps, widgets]) {
    const answer = await watched(path, `${protobuf};${metadataOnly}`);
    t.is(answer.headers['content-type'], `${protobuf};stream=watch`);
    const { text } = streamOf(answer);
    t.true(text.includes('PartialObjectMetadata'));
    t.false(text.includes('the-value'));
  }
  t.is((await watched(widgets, protobuf)).status, 406);
});

test('what says no apiVersion in JSON has none in protobuf', async (t) => {
  const { ask } = startDoor();
  for (const [path, kind] of [
    ['/api', 'APIVersions'],
    ['/api/v1', 'APIResourceList'],
  ] as const) {
    const answer = await ask('GET', path, { headers: { accept: protobuf } });
    t.is(answer.headers['content-type'], protobuf);
    t.true(bodyText(answer).startsWith('k8s\0'));
    t.true(bodyText(answer).includes(kind));
  }
});

test('a list that comes as a watch is no table, and falls back to what else the client takes', async (t) => {
  const door = await doorWithWidgets(t);
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  for (const path of [maps, widgets]) {
    const streamed = `${path}?${query}&allowWatchBookmarks=true`;
    t.is((await door.ask('GET', streamed, { headers: { accept: table } })).status, 406);
    const answer = await door.ask('GET', streamed, { headers: { accept: `${table},application/json` } });
    t.is(answer.status, 200);
    const { text } = streamOf(answer);
    t.true(text.includes('"BOOKMARK"') && !text.includes('"Table"'), text);
    for (const other of [`${path}?${query}`, `${path}?watch=true`])
      t.is((await door.ask('GET', other, { headers: { accept: table } })).status, 200);
  }
});
