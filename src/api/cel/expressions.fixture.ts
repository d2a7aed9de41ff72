/** The object that expressions of the tests are about. */

import { baseEnvironment, celValue } from './index.ts';

export const object = celValue({ metadata: { name: 'ok-1' }, n: 5, d: 1.5, list: [3, 1, 2], objs: [{ k: 'a' }] });

export const environment = baseEnvironment().registerVariable('object', 'dyn');
