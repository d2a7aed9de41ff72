import test from 'ava';
import type { ResourceRequirements } from './generated/core-v1.ts';
import { qualityOfService } from './quality-of-service.ts';

test('the quality class follows requests and limits', (t) => {
  const of = (...all: readonly ResourceRequirements[]): string =>
    qualityOfService({ containers: all.map((resources) => ({ name: 'main', resources })) });
  const whole = { limits: { cpu: '1', memory: '1Gi' } };
  t.is(of({}), 'BestEffort');
  t.is(of({ requests: { cpu: '1' } }), 'Burstable');
  t.is(of(whole), 'Guaranteed');
  t.is(of({ ...whole, requests: { cpu: '1000m', memory: '1Gi' } }), 'Guaranteed');
  t.is(of({ ...whole, requests: { cpu: '500m', memory: '1Gi' } }), 'Burstable');
  t.is(of(whole, {}), 'Burstable', 'one that asks for nothing');
});

test('init containers count, and amounts of zero do not', (t) => {
  const whole = { limits: { cpu: '1', memory: '1Gi' } };
  const containers = [{ name: 'main', resources: whole }];
  t.is(qualityOfService({ containers, initContainers: [{ name: 'init', resources: {} }] }), 'Burstable');
  t.is(qualityOfService({ containers, initContainers: [{ name: 'init', resources: whole }] }), 'Guaranteed');
  t.is(qualityOfService({ containers: [{ name: 'main', resources: { requests: { cpu: '0' } } }] }), 'BestEffort');
});
