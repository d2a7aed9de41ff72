import test from 'ava';
import { configReader } from './index.ts';

const object = { data: { text: 'a' }, binaryData: { bytes: 'AAE=' } };

test('a volume has the texts and the bytes of a ConfigMap, variables are made of its texts alone', async (t) => {
  let asked = 0;
  const reader = configReader({
    get: <T>() => {
      asked++;
      return Promise.resolve(object as T);
    },
  });
  const [whole, texts] = await Promise.all([
    reader.configMap('shop', 'settings'),
    reader.configMapTexts('shop', 'settings'),
  ]);
  t.deepEqual(whole, { text: Buffer.from('a'), bytes: Buffer.from([0, 1]) });
  t.deepEqual(texts, { text: Buffer.from('a') });
  t.is(asked, 1, 'calls at one time share a request');
});
