import test from 'ava';
import { compileDeviceSelector, deviceValue } from './devices.ts';

const driver = 'd.example.com';
const device = deviceValue(driver, {
  attributes: {
    model: { string: 'a' },
    cores: { int: 4 },
    firmware: { version: '1.2.3' },
    ok: { bool: true },
    'other.example.com/n': { int: 3 },
  },
  capacity: { memory: { value: '20Gi' } },
});

/** Expression and what it gives for the device; a text is how it fails. */
const rows: readonly (readonly [expression: string, answer: boolean | string])[] = [
  ['device.driver == "d.example.com"', true],
  ['device.attributes["d.example.com"].model == "a"', true],
  ['device.attributes["d.example.com"].cores > 4', false],
  ['device.attributes["d.example.com"].ok', true],
  ['device.attributes["d.example.com"].firmware.isGreaterThan(semver("1.0.0"))', true],
  ['device.attributes["other.example.com"].n == 3', true],
  ['"other.example.com" in device.attributes', true],
  ['"x.example.com" in device.attributes', false],
  ['has(device.attributes["x.example.com"].model)', false],
  ['device.attributes["x.example.com"].model == "a"', 'no such key: model'],
  ['device.capacity["d.example.com"].memory.compareTo(quantity("10Gi")) >= 0', true],
  ['cel.bind(own, device.attributes["d.example.com"], own.cores > 3 && own.model == "a")', true],
];

for (const [expression, answer] of rows) {
  test(`${expression} is ${answer}`, (t) => {
    const compiled = compileDeviceSelector(expression);
    if ('error' in compiled) return t.fail(compiled.error);
    if (typeof answer === 'string') t.throws(() => compiled.program(device), { message: answer });
    else t.is(compiled.program(device), answer);
  });
}
