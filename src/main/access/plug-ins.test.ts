import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { AuthorizationPlugIn } from '../../api-server/index.ts';
import { silentLogger } from '../../base/index.ts';
import { accessPlugIns, type AccessPlugIns } from './plug-ins.ts';
import { defaultsFile, loadSettings, StartProblem } from '../process/index.ts';

const examples = resolve(import.meta.dirname, '../../../examples/access');
const clock = { now: () => Date.parse('2026-01-01'), monotonic: () => 0 };

async function plugInsOf(
  settings: object,
  folder = mkdtempSync(join(tmpdir(), 'troupe-access-')),
): Promise<AccessPlugIns> {
  return await accessPlugIns(loadSettings(defaultsFile(), '/nowhere/config.yaml', settings as never), {
    log: silentLogger,
    clock,
    folder,
  });
}

async function refusal(t: ExecutionContext, settings: object, message: RegExp, folder?: string): Promise<void> {
  await t.throwsAsync(plugInsOf(settings, folder), { instanceOf: StartProblem, message });
}

test('nothing is added unless the settings say so', async (t) => {
  t.deepEqual(await plugInsOf({}), { authentication: { plugIns: [] }, order: ['Node', 'RBAC'] });
});

test('anonymous requests may be off, or have some paths', async (t) => {
  const pathsOf = async (anonymous: object): Promise<unknown> =>
    (await plugInsOf({ authentication: { anonymous } })).authentication.anonymousPaths;
  t.deepEqual(await pathsOf({ enabled: false }), []);
  t.deepEqual(await pathsOf({ paths: ['/livez', '/troupe/*'] }), ['/livez', '/troupe/*']);
  await refusal(t, { authentication: { anonymous: { paths: ['livez'] } } }, /anonymous\.paths: "livez" is not a path/);
});

test('the example module recognises users by a header, and refuses keys that it does not know', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-access-'));
  const user = { name: 'ci', groups: ['builders'] };
  writeFileSync(
    join(folder, 'api-keys.json'),
    JSON.stringify({ [createHash('sha256').update('secret').digest('hex')]: user }),
  );
  const {
    authentication: {
      plugIns: [plugIn],
    },
  } = await plugInsOf({ authentication: { modules: [join(examples, 'api-keys.mjs')] } }, folder);
  t.deepEqual(await plugIn?.request?.({ headers: { 'x-api-key': 'secret' } }), user);
  t.is(await plugIn?.request?.({ headers: {} }), undefined);
  t.throws(() => plugIn?.request?.({ headers: { 'x-api-key': 'other' } }));
});

test('the example module denies before RBAC is asked', async (t) => {
  const { order } = await plugInsOf({
    authorization: { order: ['Node', 'Modules', 'RBAC'], modules: [join(examples, 'protected-namespaces.mjs')] },
  });
  const [first, plugIn, last] = order;
  t.deepEqual([first, last], ['Node', 'RBAC']);
  const asked = (verb: string, name: string): unknown =>
    typeof plugIn === 'object' &&
    plugIn.authorize({ isResource: true, verb, group: '', resource: 'namespaces', name } as Parameters<
      AuthorizationPlugIn['authorize']
    >[0]);
  t.like(asked('delete', 'prod-1'), { allowed: false, denied: true });
  t.deepEqual(asked('delete', 'test-1'), { allowed: false, reason: '' });
});

test('a module that cannot be used stops the start and says which and why', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-access-'));
  const module = (name: string, text: string): object => {
    writeFileSync(join(folder, name), text);
    return { authentication: { modules: [name] } };
  };
  await refusal(
    t,
    { authorization: { modules: ['gone.mjs'] } },
    /^authorization\.modules: the module .*gone\.mjs failed: Cannot find module/,
  );
  await refusal(
    t,
    module('a.mjs', 'export const x = 1;'),
    /a\.mjs has no function as its default export; docs\/auth\.md shows an example$/,
    folder,
  );
  await refusal(
    t,
    module('b.mjs', 'export default () => { throw new Error("no file"); };'),
    /b\.mjs failed: no file/,
    folder,
  );
  await refusal(t, module('c.mjs', 'export default () => ({});'), /c\.mjs returned no object with a name/, folder);
  await refusal(
    t,
    module('d.mjs', 'export default async () => ({ name: "d" });'),
    /d\.mjs returned an object without a function `token` or `request`/,
    folder,
  );
});

test('an order that cannot be, or leaves out what is set up, is refused', async (t) => {
  await refusal(t, { authorization: { order: [] } }, /^authorization\.order: the list is empty/);
  await refusal(t, { authorization: { order: ['RBAC', 'RBAC'] } }, /names one twice/);
  await refusal(t, { authorization: { order: ['ABAC'] } }, /"ABAC" is unknown/);
  await refusal(
    t,
    { authorization: { order: ['RBAC'], modules: [join(examples, 'protected-namespaces.mjs')] } },
    /Modules is configured but missing/,
  );
});
