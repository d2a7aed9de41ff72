import test from 'ava';
import {
  checkFieldSelector,
  excessOf,
  fieldSelectorMatches,
  labelSelectorMatches,
  labelSelectorText,
  parseFieldSelector,
  parseLabelSelector,
  selectorMatches,
  selectorText,
  StatusError,
  validateLabelSelector,
} from './index.ts';

const labels = { env: 'prod', tier: '2', 'x.example.com/y': 'z' };
const matching = [
  '',
  'env=prod',
  'env==prod',
  'env!=dev',
  'env in (prod,dev)',
  'env notin (dev)',
  'env',
  '!gone',
  'env,tier=2',
  'tier>1',
  'tier<3',
  'x.example.com/y=z',
  'env in (prod),tier notin (1)',
  'gone!=x',
  'gone notin (a)',
];
const missing = ['env=dev', 'env=', '!env', 'gone', 'tier>2', 'env>1'];
for (const text of matching)
  test(`labels match the selector '${text}'`, (t) => {
    t.true(selectorMatches(parseLabelSelector(text), labels));
  });
for (const text of missing)
  test(`labels do not match the selector '${text}'`, (t) => {
    t.false(selectorMatches(parseLabelSelector(text), labels));
  });

const failures: readonly (readonly [string, string])[] = [
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a in', "unable to parse requirement: found '' expected: '('"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['a,', "found '', expected: identifier after ','"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  [
    'a>x',
    "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be " +
      'an integer',
  ],
];
for (const [text, message] of failures) {
  test(`the selector '${text}' is refused`, (t) => {
    const error = t.throws(() => parseLabelSelector(text), { instanceOf: StatusError });
    t.is(error.message, message);
    t.is(error.code, 400);
  });
}

test('empty brackets hold the empty value', (t) => {
  t.false(selectorMatches(parseLabelSelector('env in ()'), labels));
  t.true(selectorMatches(parseLabelSelector('env in ()'), { env: '' }));
  t.true(selectorMatches(parseLabelSelector('env notin (),gone notin ()'), labels));
  t.is(selectorText(parseLabelSelector('a in ()')), 'a in ()');
});

test('the words in and notin may be keys and values', (t) => {
  t.true(selectorMatches(parseLabelSelector('in=notin'), { in: 'notin' }));
  t.true(selectorMatches(parseLabelSelector('in in (in)'), { in: 'in' }));
});

test('a selector is written sorted by key', (t) => {
  t.is(selectorText(parseLabelSelector('z,a in (c,b),!m,k=v')), 'a in (b,c),k=v,!m,z');
  t.is(
    labelSelectorText({ matchLabels: { app: 'x' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] }),
    'app=x,b',
  );
  t.is(labelSelectorText({}), '<none>');
});

test('an absent label selector selects nothing and an empty one everything', (t) => {
  t.false(labelSelectorMatches(undefined, labels));
  t.true(labelSelectorMatches({}, labels));
  t.true(
    labelSelectorMatches(
      { matchLabels: { env: 'prod' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['2'] }] },
      labels,
    ),
  );
});

test('errors of a label selector name their place', (t) => {
  const errors = validateLabelSelector(
    {
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'b', operator: 'Exists', values: ['x'] },
        { key: '', operator: 'Near' },
      ],
    },
    'spec.selector',
  );
  t.deepEqual(
    errors.map((error) => error.field),
    [
      'spec.selector.matchExpressions[0].values',
      'spec.selector.matchExpressions[1].values',
      'spec.selector.matchExpressions[2].operator',
      'spec.selector.matchExpressions[2].key',
      'spec.selector.matchExpressions[2].key',
    ],
  );
});

test('field selectors compare the fields a kind knows', (t) => {
  const fields = { 'metadata.name': 'p', 'status.phase': 'Running', 'spec.nodeName': '' };
  t.true(fieldSelectorMatches(parseFieldSelector('metadata.name=p,status.phase!=Pending,spec.nodeName='), fields));
  t.false(fieldSelectorMatches(parseFieldSelector('metadata.name!=p'), fields));
  t.deepEqual(parseFieldSelector('a=b\\,c\\=d,e==f'), [
    { field: 'a', operator: '=', value: 'b,c=d' },
    { field: 'e', operator: '=', value: 'f' },
  ]);
  t.is(
    t.throws(() => parseFieldSelector('metadata.name')).message,
    "invalid selector: 'metadata.name'; can't understand 'metadata.name'",
  );
});

test('a field that the kind does not know is refused in upstream words', (t) => {
  t.is(
    t.throws(() => {
      checkFieldSelector(parseFieldSelector('data=1'), { kind: 'ConfigMap', namespaced: true }, undefined);
    }).message,
    '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
  t.is(
    t.throws(() => {
      checkFieldSelector(parseFieldSelector('data=1'), { kind: 'Secret', namespaced: true }, ['type']);
    }).message,
    'field label not supported: data',
  );
  t.notThrows(() => {
    checkFieldSelector(parseFieldSelector('type=Opaque,metadata.namespace=a'), { kind: 'Secret', namespaced: true }, [
      'type',
    ]);
  });
  const ofNode = t.throws(() => {
    checkFieldSelector(parseFieldSelector('metadata.namespace=a'), { kind: 'Node', namespaced: false }, [
      'spec.unschedulable',
    ]);
  });
  t.is(ofNode.message, 'field label not supported: metadata.namespace');
  t.notThrows(() => {
    checkFieldSelector(
      parseFieldSelector('metadata.namespace='),
      { kind: 'StorageClass', namespaced: false },
      undefined,
    );
  });
});

test('an expression without a key is refused', (t) => {
  const texts = validateLabelSelector({ matchExpressions: [{ operator: 'Exists' }, {}] }, 'selector').map(
    ({ field, detail }) => `${field}: ${detail.slice(0, 20)}`,
  );
  t.deepEqual(texts, [
    'selector.matchExpressions[0].key: name part must be no',
    'selector.matchExpressions[0].key: name part must consi',
    'selector.matchExpressions[1].operator: not a valid selector',
    'selector.matchExpressions[1].key: name part must be no',
    'selector.matchExpressions[1].key: name part must consi',
  ]);
});

test('a selector has so many terms and values at most; many values are found as few are', (t) => {
  const terms = (count: number, term: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => term(index)).join(',');
  t.is(parseLabelSelector(terms(256, (index) => `a${index}!=b`)).length, 256);
  const over = (parse: () => unknown): unknown => excessOf(t.throws(parse));
  t.like(
    over(() => parseLabelSelector(terms(257, (index) => `a${index}!=b`))),
    { input: 'label-selector', reason: 'values' },
  );
  const values = terms(10_001, (index) => `v${index}`);
  t.like(
    over(() => parseLabelSelector(`a in (${values})`)),
    { input: 'label-selector', reason: 'values' },
  );
  t.like(
    over(() => parseFieldSelector(terms(257, (index) => `metadata.name!=${index}`))),
    { input: 'field-selector', reason: 'values' },
  );
  const some = parseLabelSelector(`a in (${terms(1000, (index) => `v${2 * index}`)})`);
  for (let index = 0; index < 2000; index += 1)
    t.is(selectorMatches(some, { a: `v${index}` }), index % 2 === 0, `v${index}`);
});
