/**
 * The kinds of the group batch: work that ends, once or on a schedule.
 */
import type { KindBehaviour } from '../behaviour.ts';
import { cronJobBehaviour } from './cron-job.ts';
import { jobBehaviour } from './job.ts';

export const batchBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'batch/cronjobs': cronJobBehaviour,
  'batch/jobs': jobBehaviour,
};
