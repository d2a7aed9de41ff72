import test from 'ava';
import { allResources, behaviourOf, findType, type ResourceInfo } from '../../src/api/index.ts';
import { fact } from './facts.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
}

const listPath = (info: ResourceInfo): string =>
  `${info.group === '' ? '/api' : `/apis/${info.group}`}/${info.version}/${info.resource}`;

test('the columns of every list are those of the reference server', (t) => {
  const facts = fact(t, 'table-columns.json') as
    | Readonly<Record<string, { readonly columns: readonly Column[] }>>
    | undefined;
  if (facts === undefined) return;
  const listed = allResources().filter((info) => info.verbs.includes('list'));
  t.deepEqual(listed.map(listPath).sort(), Object.keys(facts).sort());
  for (const info of listed) {
    const columns = behaviourOf(info).columns.map(({ name, type, format, priority }): Column => ({
      name,
      type,
      format,
      priority,
    }));
    t.deepEqual(columns, facts[listPath(info)]?.columns, listPath(info));
  }
});

interface Message {
  readonly package: string;
  readonly message: string;
  readonly fields: readonly { readonly name: string; readonly number: number }[];
}

/** `core/v1.Pod` of `k8s.io.api.core.v1` and `Pod`. */
function typeOfMessage({ package: home, message }: Message): string {
  const [version = '', group = ''] = home.split('.').reverse();
  return `${group}/${version}.${message}`;
}

/** Names differ in how words begin: `aPIGroup` for `apiGroup`, `xKubernetesListType` for `x-kubernetes-list-type`. */
const sameWords = (name: string): string => name.replaceAll(/[$-]/g, '').toLowerCase();

test('every struct of the tables has the field numbers of the reference messages', (t) => {
  const facts = fact(t, 'proto-fields.json') as readonly Message[] | undefined;
  if (facts === undefined) return;
  let compared = 0;
  for (const message of facts) {
    const type = findType(typeOfMessage(message));
    if (type === undefined) continue;
    compared += 1;
    // A field that JSON has inline is a message of its own, and compared there.
    const fields = [...type.fields.values()].filter((field) => field.protobuf > 0);
    const inline = new Set(fields.flatMap((field) => field.protobufInside?.slice(0, 1) ?? []));
    const ours = fields
      .filter((field) => field.protobufInside === undefined)
      .map((field) => `${field.protobuf} ${sameWords(field.name)}`);
    const theirs = message.fields
      .filter(({ number }) => !inline.has(number))
      .map(({ name, number }) => `${number} ${sameWords(name)}`);
    t.deepEqual(ours.sort(), theirs.sort(), typeOfMessage(message));
  }
  t.true(compared > 400, `${compared} messages`);
});
