/** The profile `hardened` of a home. */
import { defaultsFile, type Home, keepSettings, loadSettings, makeHome } from '../main/index.ts';
import { Problem } from './problem.ts';

export const hardenedOption = {
  flag: '--hardened',
  description: 'refuse and record more, from now on (profile: hardened in config.yaml; docs/hardening.md)',
};

/** Keeps the profile in the home's file, for every later start. */
export function keepHardened(home: Home): void {
  makeHome(home);
  keepSettings(home, { profile: 'hardened' });
  const { profile } = loadSettings(defaultsFile(), home.configFile);
  if (profile !== 'hardened')
    throw new Problem(
      `${home.configFile} says profile: '${profile ?? ''}'; remove that line, or start without --hardened`,
    );
}
