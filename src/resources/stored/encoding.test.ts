import test from 'ava';
import { atOnce } from '../../base/index.ts';
import { decodeText, encodeSteps } from './encoding.ts';

test('stored texts escape what Go escapes, and the place of the revision is still found', (t) => {
  const object = {
    kind: 'ControllerRevision',
    metadata: { name: 'd', generateName: 'ä' },
    data: { command: 'a && b <c >d', lines: '\u2028\u2029' },
  };
  const { bytes, revisionAt } = atOnce(encodeSteps(object, false));
  const text = decodeText(bytes);
  t.true(text.endsWith('{"command":"a \\u0026\\u0026 b \\u003cc \\u003ed","lines":"\\u2028\\u2029"}}'), text);
  t.is(decodeText(bytes.subarray(0, revisionAt)).slice(-19), '"resourceVersion":"');
  t.deepEqual((JSON.parse(text) as { data: unknown }).data, object.data);
});
