/** `npm run licences`: writes the list of third-party packages and their licences. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { licencesPage } from './packages.ts';

writeFileSync(join(resolve(import.meta.dirname, '..'), 'docs', 'third-party.md'), licencesPage());
