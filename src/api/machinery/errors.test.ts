import test from 'ava';
import {
  alreadyExists,
  conflict,
  fieldErrorText,
  fieldNotFound,
  forbidden,
  forbiddenError,
  internalError,
  invalid,
  invalidError,
  notFound,
  notSupported,
  required,
  tooLong,
  tooMany,
  verbatim,
  duplicate,
} from './index.ts';

test('field errors read as upstream writes them', (t) => {
  t.is(fieldErrorText(required('a')), 'Required value');
  t.is(fieldErrorText(required('a', 'why')), 'Required value: why');
  t.is(fieldErrorText(invalid('a', 'x"y', 'bad')), 'Invalid value: "x\\"y": bad');
  t.is(fieldErrorText(invalid('a', -1, 'bad')), 'Invalid value: -1: bad');
  t.is(
    fieldErrorText(invalid('a', verbatim('map[string]string(nil)'), 'bad')),
    'Invalid value: map[string]string(nil): bad',
  );
  t.is(fieldErrorText(notSupported('a', 'x', ['p', 'q'])), 'Unsupported value: "x": supported values: "p", "q"');
  t.is(fieldErrorText(duplicate('a', 'x')), 'Duplicate value: "x"');
  t.is(fieldErrorText(forbidden('a', 'no')), 'Forbidden: no');
  t.is(fieldErrorText(tooLong('a', 'x', 8)), 'Too long: may not be more than 8 bytes');
  t.is(fieldErrorText(tooMany('a', 3, 2)), 'Too many: 3: must have at most 2 items');
  t.is(fieldErrorText(fieldNotFound('a', 'x')), 'Not found: "x"');
});

test('a 422 joins its errors and lists each as a cause', (t) => {
  const errors = [required('spec.a'), invalid('spec.b', 1, 'bad')];
  const two = invalidError({ group: 'apps', kind: 'Deployment', name: 'd', errors });
  t.deepEqual(two.body(), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Deployment.apps "d" is invalid: [spec.a: Required value, spec.b: Invalid value: 1: bad]',
    reason: 'Invalid',
    details: {
      name: 'd',
      group: 'apps',
      kind: 'Deployment',
      causes: [
        { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.a' },
        { reason: 'FieldValueInvalid', message: 'Invalid value: 1: bad', field: 'spec.b' },
      ],
    },
    code: 422,
  });
  t.is(
    invalidError({ group: '', kind: 'Pod', name: '', errors: [required('spec')] }).message,
    'Pod "" is invalid: spec: Required value',
  );
});

test('a long value is shown by its beginning, however it was given', (t) => {
  const long = 'x'.repeat(1_000_000);
  for (const value of [long, { a: long }, verbatim(long)]) {
    const { message, details } = invalidError({
      group: '',
      kind: 'A',
      name: 'a',
      errors: [invalid('b', value, 'bad')],
    });
    const [cause] = details?.causes ?? [];
    t.regex(message, /^A "a" is invalid: b: Invalid value: .{0,9}xxx.*\.\.\. \(10000\d\d characters\)"?: bad$/u);
    t.true(message.length < 11_000);
    t.true((cause?.message?.length ?? Infinity) < 11_000);
  }
});

test('of very many errors the first are shown, and the number of the others', (t) => {
  const errors = Array.from({ length: 12_000 }, (_, index) => required(`spec.a[${index}]`));
  const { message, details } = invalidError({ group: '', kind: 'A', name: 'a', errors });
  t.is(details?.causes?.length, 1_000);
  t.true(message.endsWith('spec.a[999]: Required value, and 11000 more errors]'), message.slice(-100));
});

test('failures about one object name its resource', (t) => {
  const deployments = { group: 'apps', resource: 'deployments' };
  const pods = { group: '', resource: 'pods' };
  t.is(notFound(pods, 'p').message, 'pods "p" not found');
  t.deepEqual(notFound(deployments, 'd').details, { name: 'd', group: 'apps', kind: 'deployments' });
  t.is(alreadyExists(deployments, 'd').message, 'deployments.apps "d" already exists');
  t.is(
    conflict(pods, 'p').message,
    'Operation cannot be fulfilled on pods "p": the object has been modified; please apply your changes to the ' +
      'latest version and try again',
  );
  t.is(forbiddenError(pods, '', 'no').message, 'pods is forbidden: no');
  t.is(forbiddenError({ group: '', resource: '' }, '', 'no').message, 'forbidden: no');
  t.deepEqual(internalError('x').details, { causes: [{ message: 'x' }] });
});
