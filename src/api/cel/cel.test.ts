import test from 'ava';
import { CelError, compileProgram, isCompiled, jsonText } from './index.ts';
import { environment, object } from './expressions.fixture.ts';

function outcome(source: string): string {
  const result = compileProgram(environment, source, 'any');
  if (!isCompiled(result)) return result.error.split('\n')[0] ?? '';
  try {
    return jsonText(result.program({ object }));
  } catch (error) {
    return error instanceof CelError ? `error: ${error.message}` : String(error);
  }
}

const table: readonly (readonly [source: string, outcome: string])[] = [
  ['object.n + 1', '6'],
  ["object.metadata.name.startsWith('ok')", 'true'],
  ['object.list.isSorted()', 'false'],
  ['object.list.sum() + object.list.min() + object.list.max()', '10'],
  ['[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)', '2'],
  ["'a-b-c'.split('-')[1]", '"b"'],
  ["'abc 123'.find('[0-9]+')", '"123"'],
  ["object.metadata.name.matches('^ok-[[:digit:]]$')", 'true'],
  [`['${'a'.repeat(60)}!'].exists(text, text.matches('^(a+)+$'))`, 'false'],
  ["['matches'][0] + 'matches'", '"matchesmatches"'],
  ["quantity('1Gi').isGreaterThan(quantity('500Mi'))", 'true'],
  ["isQuantity('1Gx')", 'false'],
  ["ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.1.1.1')", 'true'],
  ["url('https://a.b:80/c?d=e').getHost()", '"a.b:80"'],
  [
    "semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && isSemver('v1.2', true) && !isSemver('1.2') && " +
      "semver('v1.20', true).minor() == 20",
    'true',
  ],
  ["semver('1.02.3')", 'error: Invalid Semantic Version: "1.02.3"'],
  ["ip.isCanonical('127.0.0.1') && !ip.isCanonical('::0')", 'true'],
  ["'%s and %d, %.2f' .format(['a', 5, 1.5])", '"a and 5, 1.50"'],
  ["'%.1e'.format([1052.03])", '"1.1\u202f×\u202f10⁰³"'],
  ["string(duration('90s')) + string(timestamp('2024-01-01T00:00:00.5Z'))", '"90s2024-01-01T00:00:00.5Z"'],
  ["matches('abc', '^b') || [duration('1h'), duration('2h')].sum() == duration('3h')", 'true'],
  [
    "has(object.objs[0].k) && !has(object.objs[0].z) && has(object.objs.filter(o, o.k == 'a')[0].k) && " +
      '!has(object.n.k)',
    'true',
  ],
  ['has(object.objs[5].k)', 'error: index out of bounds: 5'],
  ['has(object.nope.k)', 'error: no such key: nope'],
  ['has(object[0])', 'compilation failed: ERROR: <input>:1:5: invalid argument to has() macro'],
  [
    "object.?metadata.optMap(m, m.name + '!').orValue('') + object.?nope.optMap(m, m.name).orValue('none')",
    '"ok-1!none"',
  ],
  [
    "object.?metadata.optFlatMap(m, m.?labels).hasValue() || optional.ofNonZeroValue('').hasValue() || " +
      '[].first().hasValue()',
    'false',
  ],
  ['optional.ofNonZeroValue(object.list).value().last().value() + optional.unwrap([object.?n, object.?nope])[0]', '7'],
  ['[?object.?nope, ?object.?n, 3]', '[5,3]'],
  ["{?'a': object.?nope, 'b': [?object.?n]}", '{"b":[5]}'],
  ["[1, 'a']", "compilation failed: ERROR: <input>:1:5: expected type 'int' but found 'string'"],
  [
    "{'a': [1], 'b': ['c']}",
    "compilation failed: ERROR: <input>:1:17: expected type 'list(int)' but found 'list(string)'",
  ],
  ["[object.n, 'a'].size()", '2'],
  ['1 / 0', 'error: division by zero'],
  ['1 % 0', 'error: modulus by zero'],
  ['9223372036854775807 + object.n', 'error: integer overflow'],
  ["int('x')", "error: type conversion error from 'string' to 'int'"],
  ['timestamp(object.metadata.name)', "error: type conversion error from 'string' to 'google.protobuf.Timestamp'"],
  ['optional.none().value()', 'error: optional.none() dereference'],
  ['object.n ? 1 : 2', 'error: no such overload'],
  ["[int(timestamp('1970-01-01T00:01:00Z')), int(duration('1us')), int(2u)]", '[60,1000,2]'],
  [
    "duration(duration('1h')) == duration('60m') && timestamp(timestamp('2024-01-01T00:00:00Z')).getFullYear() == 2024",
    'true',
  ],
  ["b'a' < b'b' && b'b' >= b'b' && [b'a'] == [b'a'] && [dyn(1)] == [dyn(1u)]", 'true'],
  [
    "optional.of('a') == optional.none() || optional.of([1]) != optional.of([1]) || [optional.of(1)] != " +
      '[optional.of(1)]',
    'false',
  ],
  ["{'a': [1, 2]} == {'a': [1, 2]} && [[1], [2]] != [[2], [1]] && [1] + [2] == [1, 2]", 'true'],
  ["ip('::ffff:1.2.3.4')", 'error: IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
  ["ip('fe80::1%eth0')", 'error: IP address "fe80::1%eth0" with zone value is not allowed'],
  [
    "cidr('10.0.0.0/40')",
    'error: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/40"): ' +
      'prefix length out of range',
  ],
  [
    "['a', 'b'].join('-') + 'AbC'.lowerAscii() + 'abc'.substring(1, 2) + ' x '.trim() + strings.quote('q')",
    '"a-babcbx\\"q\\""',
  ],
  ["duration('1h') > duration('59m') && cel.bind(x, 2, x * x) == 4", 'true'],
  [
    "format.dns1123Label().validate('a-b').hasValue() || " +
      "!format.named('uuid').value().validate('x').hasValue() || format.named('none').hasValue()",
    'false',
  ],
  [
    "format.dns1123Label().validate('A').value().size() == 1 && format.date().validate('2021-02-30').value() " +
      "== ['invalid date']",
    'true',
  ],
  ['sets.contains([1, 2, 3], [1])', 'true'],
  ["object.?missing.orValue('x')", '"x"'],
  ["timestamp('2024-01-01T00:00:00Z') < timestamp('2025-01-01T00:00:00Z')", 'true'],
  ['object.metadata.labels.team', 'error: no such key: labels'],
  ['object.list[9]', 'error: index out of bounds: 9'],
  ["object.n > 'a'", 'error: no such overload'],
  ['nope.x', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')"],
  ['object.', "compilation failed: ERROR: <input>:1:8: Syntax error: no viable alternative at input '.'"],
  [
    'object.list.all(i, v, i < 3 && v > 0) && object.list.exists(i, v, i == 2 && v == 2) && ' +
      'object.list.existsOne(i, v, v == 1)',
    'true',
  ],
  [
    "object.list.transformList(i, v, v > 1, i + v) == [3, 4] && {'a': 1, 'b': 2}.transformList(k, v, k == 'b', " +
      'v) == [2]',
    'true',
  ],
  [
    "{'a': 1, 'b': 2}.transformMap(k, v, v * 2) == {'a': 2, 'b': 4} && ['x'].transformMapEntry(i, v, {v: i}) " +
      "== {'x': 0}",
    'true',
  ],
  ["['x', 'x'].transformMapEntry(i, v, {v: i})", 'error: insert failed: key x already exists'],
  ['object.list.all(i, v, object.list.exists(j, w, w == v && i == j))', 'true'],
  [
    'object.list.exists(i, v, v == 1 || object.nope == 1) && !object.list.all(i, v, v == 1 && object.nope == 1)',
    'true',
  ],
  ['object.list.all(i, v, i + v)', 'error: no such overload'],
  ['object.list.all(1, v, true)', 'compilation failed: ERROR: <input>:1:17: argument must be a simple name'],
  ["object.metadata.name.matches('[')", 'compilation failed: ERROR: <input>:1:30: invalid matches argument'],
  ["[1].all(x, 'a'.matches('(') || x > 0)", 'compilation failed: ERROR: <input>:1:24: invalid matches argument'],
  ["timestamp('2024-01-01T02:00:00.123456789+02:00') == timestamp('2024-01-01T00:00:00.123Z')", 'true'],
  [
    "[timestamp('2024-03-01T23:30:00.5Z')].map(t, [t.getDate(), t.getDayOfMonth(), t.getDayOfWeek(), " +
      't.getDayOfYear(), t.getFullYear(), t.getHours(), t.getMilliseconds(), t.getMinutes(), t.getMonth(), ' +
      't.getSeconds()])',
    '[[1,0,5,60,2024,23,500,30,2,0]]',
  ],
  [
    "[timestamp('2024-03-01T23:30:00.5Z')].map(t, [t.getDate('Europe/Berlin'), t.getHours('Asia/Kolkata'), " +
      "t.getMinutes('Asia/Kolkata'), t.getHours('-08:00'), t.getMinutes('01:15'), t.getMilliseconds('UTC')])",
    '[[2,5,0,15,45,500]]',
  ],
  ["timestamp('2024-03-01T23:30:00Z').getHours('Nowhere')", 'error: unknown time zone Nowhere'],
  ["timestamp('2024-03-01T23:30:00Z').getHours('a:00')", 'error: strconv.Atoi: parsing "a": invalid syntax'],
  [
    "timestamp('2024-02-30T00:00:00Z') == timestamp(0)",
    'compilation failed: ERROR: <input>:1:11: invalid timestamp argument',
  ],
  [
    "timestamp('2024-01-01t00:00:00z') == timestamp(0)",
    'compilation failed: ERROR: <input>:1:11: invalid timestamp argument',
  ],
  ['timestamp(253402300800)', 'error: timestamp overflow'],
  ["timestamp('0000-01-01T00:00:00' + 'Z')", 'error: timestamp overflow'],
  ["timestamp('yester' + 'day')", "error: type conversion error from 'string' to 'google.protobuf.Timestamp'"],
  ["duration('1' + 'd')", "error: type conversion error from 'string' to 'google.protobuf.Duration'"],
  [
    "duration('-500ms') + duration('1s') == duration('500ms') && duration('0') == duration('0s') && " +
      "duration('1.5h.5m1.s') == duration('90m31s')",
    'true',
  ],
  [
    "[string(duration('-500ms')), string(duration('1h1us')), '%s'.format([duration('-1.5s')])]",
    '["-0.5s","3600.000001s","-1.5s"]',
  ],
  [
    "[duration('-1.5s')].map(d, [d.getHours(), d.getMinutes(), d.getSeconds(), d.getMilliseconds()])",
    '[[0,0,-1,-1500]]',
  ],
  ["duration('2562047h47m16.854775807s') > duration('-2562047h47m16.854775808s')", 'true'],
  [
    "duration('2562047h47m16.854775808s') > duration('1s')",
    'compilation failed: ERROR: <input>:1:10: invalid duration argument',
  ],
  ["duration('1x') > duration('1h')", 'compilation failed: ERROR: <input>:1:10: invalid duration argument'],
  [
    "timestamp('yesterday') < timestamp('2025-01-01T00:00:00Z')",
    'compilation failed: ERROR: <input>:1:11: invalid timestamp argument',
  ],
  [
    "'%s'.format([['a', dyn(1), dyn(true), dyn(null), dyn(1.5), dyn(duration('1s')), " +
      "dyn(timestamp('2024-01-01T00:00:00Z')), dyn(b'x')]])",
    JSON.stringify('["a", 1, true, null, 1.500000, duration("1s"), timestamp("2024-01-01T00:00:00Z"), b"x"]'),
  ],
  [
    "'%s %s %s'.format([{'b': 1, 'a': 2}, {'1': ['x']}, object.objs])",
    JSON.stringify('{"a":2, "b":1} {"1":["x"]} [{"k":"a"}]'),
  ],
  ["'%s %s %s %s'.format([type(1), type(null), b'abc', 1u])", '"int null_type abc 1"'],
  [
    "'%f %.1f %x %X %x %b %o %d'.format([1234567.5, 0.25, 255, 255, 'hi', true, 8, 5u])",
    '"1,234,567.500000 0.3 ff FF 6869 1 10 5"',
  ],
  [
    '1 ? 2 : 3',
    "compilation failed: ERROR: <input>:1:3: found no matching overload for '_?_:_' applied to '(int, int, int)'",
  ],
  [
    "[1].all(x, 'a')",
    "compilation failed: ERROR: <input>:1:8: found no matching overload for '_&&_' applied to '(bool, string)'",
  ],
  [
    '[1].exists(x, x)',
    "compilation failed: ERROR: <input>:1:11: found no matching overload for '_||_' applied to '(bool, int)'",
  ],
  [
    '[1].exists_one(x, x)',
    "compilation failed: ERROR: <input>:1:15: found no matching overload for '_?_:_' applied to '(int, int, int)'",
  ],
  [
    "{1: 'a', 2: 'b'}.exists(k, k == 2) && {1: 'a'}[1] == 'a' && 1 in {1: 2} && {true: 1} == {true: 1} && {1: " +
      "'a'}.size() == 1",
    'true',
  ],
  ["{1: 'a'}.map(k, k + 1)", '[2]'],
  ["{1: 'a'}[2]", 'error: no such key: 2'],
  ["b'x'.hex() == '78'", "compilation failed: ERROR: <input>:1:9: undeclared reference to 'hex' (in container '')"],
  ["string(ip('2001:DB8::1')) + ' ' + string(cidr('10.1.0.0/8').masked())", '"2001:db8::1 10.0.0.0/8"'],
  [
    "ip('10.0.0.1') + 1 == 2",
    "compilation failed: ERROR: <input>:1:16: found no matching overload for '_+_' applied to '(net.IP, int)'",
  ],
  [
    "[url('https://u@h:80/a b/é?x=1&x=2#f')].map(u, [u.getHost(), u.getHostname(), u.getPort(), " +
      'u.getEscapedPath(), u.getScheme()])',
    '[["h:80","h","80","/a%20b/%C3%A9","https"]]',
  ],
  ["[isURL('mailto:joe'), isURL('path'), isURL('https://[::1'), isURL('//host/p')]", '[true,false,false,true]'],
  [
    "url('https://a:b:c/').getHost()",
    'error: URL parse error during conversion from string: parse "https://a:b:c/": invalid port ":c" after host',
  ],
  [
    "size(['a'].filter(x, 1))",
    "compilation failed: ERROR: <input>:1:18: found no matching overload for '_?_:_' applied to '(int, " +
      "list(string), list(string))'",
  ],
  [
    "['a'].map(x, x, 1).size()",
    "compilation failed: ERROR: <input>:1:10: found no matching overload for '_?_:_' applied to '(string, " +
      "list(int), list(int))'",
  ],
  ['[1].exists(1, true)', 'compilation failed: ERROR: <input>:1:12: argument must be a simple name'],
  ['[1].filter(true)', "compilation failed: ERROR: <input>:1:11: undeclared reference to 'filter' (in container '')"],
  [
    "optional.of('a').orValue(1)",
    "compilation failed: ERROR: <input>:1:25: found no matching overload for 'orValue' applied to " +
      "'optional_type(string).(int)'",
  ],
  ["has('a'.b)", "compilation failed: ERROR: <input>:1:4: type 'string' does not support field selection"],
  ["has( 'a'.b.c )", "compilation failed: ERROR: <input>:1:9: type 'string' does not support field selection"],
  [
    "'a'.size().all(x, true)",
    "compilation failed: ERROR: <input>:1:9: expression of type 'int' cannot be range of a comprehension (must " +
      'be list, map, or dynamic)',
  ],
  ['1 + 99999999999999999999', 'compilation failed: ERROR: <input>:1:5: invalid int literal'],
  ['1 + 9223372036854775808', 'compilation failed: ERROR: <input>:1:5: invalid int literal'],
  ['-9223372036854775808 < 0', 'true'],
  ["'%%%s'.format(['a'])", '"%a"'],
  [
    "'%d'.format([dyn('a')])",
    'error: error during formatting: decimal clause can only be used on integers, was given string',
  ],
  ["'%s'.format(object.nope)", 'error: no such key: nope'],
  [
    "(object.metadata.name + '%5d').format([1])",
    'error: could not parse formatting clause: unrecognized formatting clause "5"',
  ],
  [
    "'%d'.format(['a'])",
    'compilation failed: ERROR: <input>:1:14: error during formatting: decimal clause can only be used on ' +
      'integers, was given string',
  ],
  [
    "'%s'.format([[quantity('1')]])",
    'compilation failed: ERROR: <input>:1:23: error during formatting: string clause can only be used on ' +
      'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ' +
      'kubernetes.Quantity',
  ],
  [
    "'%z'.format([1])",
    'compilation failed: ERROR: <input>:1:12: could not parse formatting clause: unrecognized formatting clause "z"',
  ],
  ["'%s %s'.format([1])", 'compilation failed: ERROR: <input>:1:15: index 1 out of range'],
  [
    "'%s'.format([1, 2])",
    'compilation failed: ERROR: <input>:1:12: too many arguments supplied to string.format (expected 1, got 2)',
  ],
  [
    "'%.f'.format([1.5])",
    'compilation failed: ERROR: <input>:1:13: could not parse formatting clause: error while parsing ' +
      'precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax',
  ],
  [
    "string(1234567.0) + ' ' + string(123456.0) + ' ' + string(0.00001) + ' ' + string(1.5) + ' ' + string(-1e100)",
    '"1.234567e+06 123456 1e-05 1.5 -1e+100"',
  ],
  ["string(b'\\xff')", 'error: invalid UTF-8 in bytes, cannot convert to string'],
  ['int(1e30)', 'error: integer overflow'],
  ["int('')", "error: type conversion error from 'string' to 'int'"],
  ["int('+12') + int('-12')", '0'],
  ['uint(-1)', 'error: unsigned integer overflow'],
  ["uint('-1')", "error: type conversion error from 'string' to 'uint'"],
  ["double('1e999')", "error: type conversion error from 'string' to 'double'"],
  ["double('1.5e3') == 1500.0 && double('-Inf') < 0.0", 'true'],
  ["'abc'.substring(4)", 'error: index out of range: 4'],
  ["'abc'.substring(2, 1)", 'error: invalid substring range. start: 2, end: 1'],
  ["'abc'.substring(1, 4)", 'error: index out of range: 4'],
  ["'😀bc'.substring(1) + '😀bc'.charAt(1) + '😀bc'.charAt(3)", '"bcb"'],
  ["'😀bcb'.indexOf('b') == 1 && '😀bcb'.lastIndexOf('b') == 3 && 'abc'.indexOf('z') == -1", 'true'],
  [
    "'abcb'.indexOf('b', 2) == 3 && 'abc'.indexOf('b', 9) == -1 && 'abc'.lastIndexOf('b', 9) == -1 && " +
      "'abcb'.lastIndexOf('b', 2) == 1",
    'true',
  ],
  ["'abc'.indexOf('b', -1)", 'error: index out of range: -1'],
  ["'ÉA'.lowerAscii() + 'éa'.upperAscii()", '"ÉaéA"'],
  [
    'object.n ==',
    "compilation failed: ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', " +
      "'.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
  ],
  [
    "1 + 'a'",
    "compilation failed: ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'",
  ],
  [
    "[?object.?n, 1].size() + 'a'",
    "compilation failed: ERROR: <input>:1:24: found no matching overload for '_+_' applied to '(int, string)'",
  ],
  [
    "'a' in [1]",
    "compilation failed: ERROR: <input>:1:5: found no matching overload for '@in' applied to '(string, list(int))'",
  ],
  [
    "true ? 1 : 'a'",
    "compilation failed: ERROR: <input>:1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'",
  ],
  [
    '1 && true',
    "compilation failed: ERROR: <input>:1:3: found no matching overload for '_&&_' applied to '(int, bool)'",
  ],
  ['size(1)', "compilation failed: ERROR: <input>:1:5: found no matching overload for 'size' applied to '(int)'"],
  [
    "'a'.startsWith(1)",
    "compilation failed: ERROR: <input>:1:15: found no matching overload for 'startsWith' applied to 'string.(int)'",
  ],
  ['foo(1)', "compilation failed: ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')"],
  ['[1].all(x, x.y)', "compilation failed: ERROR: <input>:1:13: type 'int' does not support field selection"],
  [
    "[1]['a']",
    "compilation failed: ERROR: <input>:1:4: found no matching overload for '_[_]' applied to '(list(int), string)'",
  ],
  [
    '1.all(x, true)',
    "compilation failed: ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must " +
      'be list, map, or dynamic)',
  ],
  ['Object{a: 1}', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'Object' (in container '')"],
];

for (const [source, expected] of table)
  test(`${source} gives ${expected}`, (t) => {
    t.is(outcome(source), expected);
  });

test('all that is wrong with an expression is told, in the order of the places', (t) => {
  const error = [
    "compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')",
    " | foo == 1 && 1 == 'a'",
    ' | ^',
    "ERROR: <input>:1:15: found no matching overload for '_==_' applied to '(int, string)'",
    " | foo == 1 && 1 == 'a'",
    ' | ..............^',
  ];
  t.deepEqual(compileProgram(environment, "foo == 1 && 1 == 'a'", 'bool'), { error: error.join('\n') });
  const macro = compileProgram(environment, 'has(object[0])', 'bool');
  t.is(isCompiled(macro) ? 0 : macro.error.match(/ERROR/g)?.length, 1);
  const literals = compileProgram(environment, "'a'.matches('(') || '%d'.format(['a']) == ''", 'bool');
  t.deepEqual(isCompiled(literals) ? [] : literals.error.match(/<input>:1:\d+/g), ['<input>:1:13', '<input>:1:34']);
});

test('an expression of another type is refused', (t) => {
  t.deepEqual(compileProgram(environment, '1 + 1', 'bool'), { error: 'must evaluate to bool but got int' });
  t.deepEqual(compileProgram(environment, 'true', 'string'), { error: 'must evaluate to string but got bool' });
});
