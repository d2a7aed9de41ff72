import test from 'ava';
import { differenceText as text } from './difference.ts';

/** With plain spaces. */
const differenceText = (...about: Parameters<typeof text>): string => text(...about).replaceAll('\u00a0', ' ');

test('a difference shows what changed with two equal fields on each side and counts the others', (t) => {
  const container = { name: 'debug', image: 'busybox', targetContainerName: 'c', resources: {} };
  t.is(
    differenceText('core/v1.EphemeralContainer', container, { ...container, image: 'other' }),
    [
      '  core.EphemeralContainer{',
      '  \tEphemeralContainerCommon: core.EphemeralContainerCommon{',
      '  \t\tName:    "debug",',
      '- \t\tImage:   "busybox",',
      '+ \t\tImage:   "other",',
      '  \t\tCommand: nil,',
      '  \t\tArgs:    nil,',
      '  \t\t... // 20 identical fields',
      '  \t},',
      '  \tTargetContainerName: "c",',
      '  }',
      '',
    ].join('\n'),
  );
});

test('what is held by pointer, lists, and what came or went are written as Go does', (t) => {
  t.is(
    differenceText('core/v1.PersistentVolumeSource', { hostPath: { path: '/a' } }, { hostPath: { path: '/b' } }),
    [
      '  core.PersistentVolumeSource{',
      '  \tGCEPersistentDisk:    nil,',
      '  \tAWSElasticBlockStore: nil,',
      '  \tHostPath: &core.HostPathVolumeSource{',
      '- \t\tPath: "/a",',
      '+ \t\tPath: "/b",',
      '  \t\tType: nil,',
      '  \t},',
      '  \tGlusterfs: nil,',
      '  \tNFS:       nil,',
      '  \t... // 17 identical fields',
      '  }',
      '',
    ].join('\n'),
  );
  const container = { name: 'debug', command: ['a'], args: ['x', 'y'] };
  t.is(
    differenceText('core/v1.EphemeralContainer', container, {
      name: 'debug',
      command: ['b'],
      args: ['x', 'z'],
      tty: true,
    })
      .split('\n')
      .slice(2, -6)
      .join('\n'),
    [
      '  \t\tName:    "debug",',
      '  \t\tImage:   "",',
      '- \t\tCommand: []string{"a"},',
      '+ \t\tCommand: []string{"b"},',
      '  \t\tArgs: []string{',
      '  \t\t\t"x",',
      '- \t\t\t"y",',
      '+ \t\t\t"z",',
      '  \t\t},',
      '  \t\tWorkingDir: "",',
      '  \t\tPorts:      nil,',
      '  \t\t... // 15 identical fields',
      '  \t\tStdin:     false,',
      '  \t\tStdinOnce: false,',
    ].join('\n'),
  );
});

test('a stored null is as good as nothing', (t) => {
  t.regex(
    differenceText(
      'core/v1.PersistentVolumeSource',
      { csi: { driver: 'd', volumeHandle: 'h', volumeAttributes: null }, local: null },
      { csi: { driver: 'd', volumeHandle: 'i' } },
    ),
    /\+ \t\tVolumeHandle: "i",/,
  );
});
