import test from 'ava';
import {
  addressIn,
  addressText,
  familyOf,
  holdsAddress,
  isGlobalUnicast,
  networkOf,
  networkSize,
  outwardAddress,
  networksOverlap,
  networkText,
  otherFamily,
  parseAddress,
  parseCidr,
  parseStrictAddress,
  parseStrictCidr,
} from './address.ts';

const canonical = (text: string): string | undefined => {
  const address = parseAddress(text);
  return address === undefined ? undefined : addressText(address);
};

test('an address is dialled as it was checked: no resolver reads its zeros as octal', (t) => {
  for (const [text, dialled] of [
    ['0177.0.0.1', '177.0.0.1'],
    ['0251.254.169.254', '251.254.169.254'],
    ['010.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['127.0.0.1', undefined],
    ['0127.0.0.1', undefined],
    ['localhost', undefined],
  ] as const)
    t.is(outwardAddress(text), dialled, text);
});

for (const [text, expected] of [
  ['10.0.0.1', '10.0.0.1'],
  ['010.0.0.001', '10.0.0.1'],
  ['10.0.0', undefined],
  ['10.0.0.256', undefined],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['1::2::3', undefined],
  ['12345::', undefined],
  ['fe80::1%eth0', undefined],
] as const)
  test(`the address ${text} is ${expected ?? 'refused'}`, (t) => {
    t.is(canonical(text), expected);
  });

test('a strict address has no leading zeros and stands for itself', (t) => {
  t.is(parseStrictAddress('010.0.0.1'), undefined);
  t.is(parseStrictAddress('::ffff:10.0.0.1'), undefined);
  t.is(parseStrictAddress('::ffff:a00:1')?.family, 'IPv6');
  t.is(parseStrictAddress('0.0.0.0')?.family, 'IPv4');
  t.is(parseStrictCidr('10.0.0.0/08'), undefined);
  t.is(parseStrictCidr('10.0.0.0/33'), undefined);
  t.is(parseStrictCidr('fd00::/8')?.prefix, 8);
});

test('a network holds the addresses of its family that share its prefix', (t) => {
  const network = parseCidr('10.1.2.3/16') ?? t.fail();
  const address = (text: string) => parseAddress(text) ?? t.fail();
  t.is(addressText(networkOf(network)), '10.1.0.0');
  t.true(holdsAddress(network, address('10.1.255.255')));
  t.false(holdsAddress(network, address('10.2.0.0')));
  t.false(holdsAddress(network, address('fd00::1')));
  t.true(holdsAddress(parseCidr('0.0.0.0/0') ?? t.fail(), address('1.2.3.4')));
  t.is(parseCidr('10.0.0.0'), undefined);
  t.is(parseCidr('10.0.0.0/33'), undefined);
});

test('addresses that only one machine or link knows are not global', (t) => {
  t.true(isGlobalUnicast('192.168.1.10'));
  for (const text of [
    '0.0.0.0',
    '127.0.0.1',
    '169.254.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    'fe80::1',
    'ff02::1',
  ])
    t.false(isGlobalUnicast(text), text);
});

test('a network names its addresses by number, in both families', (t) => {
  const network = (text: string) => parseCidr(text) ?? t.fail();
  t.is(addressIn(network('10.96.3.7/16'), 10n), '10.96.0.10');
  t.is(addressIn(network('fd00:96::/112'), 10n), 'fd00:96::a');
  t.is(networkSize(network('10.244.0.0/24')), 256n);
  t.is(networkSize(network('fd00::/64')), 2n ** 64n);
  t.is(networkText(network('FD00:0:0:1::7/64')), 'fd00:0:0:1::/64');
  t.true(networksOverlap(network('10.0.0.0/8'), network('10.1.0.0/16')));
  t.true(networksOverlap(network('10.1.0.0/16'), network('10.0.0.0/8')));
  t.false(networksOverlap(network('10.1.0.0/16'), network('10.2.0.0/16')));
  t.false(networksOverlap(network('0.0.0.0/0'), network('::/0')));
  t.is(familyOf('fd00::/64'), 'IPv6');
  t.is(otherFamily(familyOf('10.0.0.1')), 'IPv6');
});
