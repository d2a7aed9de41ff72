/** The kind PodTemplate: defaults, validation and Table columns. */

import type { PodTemplate, Sent } from '../../objects/index.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { column, containerCells, labelsText, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';
import { defaultPodTemplate } from './pod/pod-defaults.ts';
import { validatePodTemplate } from './pod/pod-template-validation.ts';
import { templateWarnings } from '../workload.ts';

const templateOf = (object: object): Sent<PodTemplate> => object as Sent<PodTemplate>;

export const podTemplateBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  deletionAnswersObject: true,
  defaults(object) {
    const podTemplate = templateOf(object);
    defaultPodTemplate((podTemplate.template ??= {}));
  },
  validate: (object) => validatePodTemplate(templateOf(object).template ?? {}, 'template'),
  warnings: (object, old) => templateWarnings(templateOf(object).template, [object, old], 'template'),
  columns: [
    nameColumn,
    column('Containers', 'Names of the containers.'),
    column('Images', 'Images of the containers.'),
    column('Pod Labels', 'Labels of the pods created from the template.'),
  ],
  row(object) {
    const { template = {} } = templateOf(object);
    return [
      object.metadata.name ?? '',
      ...containerCells(template.spec?.containers),
      labelsText(template.metadata?.labels),
    ];
  },
};
