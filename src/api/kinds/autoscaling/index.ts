/** Horizontal pod autoscalers in two versions: v2, in whose form they are stored, and v1, which knows CPU only. */
import type { AutoscalingV1HorizontalPodAutoscaler, HorizontalPodAutoscaler, Sent } from '../../objects/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { nonNegative } from '../checks.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { annotationNames } from './hpa-annotations.ts';
import { autoscalerColumns, autoscalerRow } from './hpa-columns.ts';
import { defaultAutoscaler } from './hpa-defaults.ts';
import { autoscalerErrors } from './hpa-validation.ts';
import { version1Of, version2Of } from './hpa-version.ts';

const version1 = (object: object): Sent<AutoscalingV1HorizontalPodAutoscaler> =>
  object as Sent<AutoscalingV1HorizontalPodAutoscaler>;
const version2 = (object: object): Sent<HorizontalPodAutoscaler> => object as Sent<HorizontalPodAutoscaler>;
const stored = (object: object): KubeObject => version2Of(object as JsonObject) as JsonObject & KubeObject;

const common = {
  ...strategy({ generation: false, status: true }),
  subresources: {
    status: {
      ...statusSubresource(),
      validateUpdate: (object) =>
        (['currentReplicas', 'desiredReplicas'] as const).flatMap((field) =>
          nonNegative(`status.${field}`, version2(object).status?.[field]),
        ),
    },
  },
  columns: autoscalerColumns,
} satisfies Partial<KindBehaviour>;

export const autoscalingBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'autoscaling/v2/horizontalpodautoscalers': {
    ...common,
    defaults: (object) => {
      defaultAutoscaler(version2(object));
    },
    validate: (object) => autoscalerErrors(version2(object).spec ?? {}),
    row: autoscalerRow,
  },
  'autoscaling/v1/horizontalpodautoscalers': {
    ...common,
    defaults(object) {
      (version1(object).spec ??= {}).minReplicas ??= 1;
      // Upstream reads each as a v2 object, so its annotations are parsed and written again.
      Object.assign(object, version1Of(version2Of(object)));
    },
    validate: (object) => autoscalerErrors(version2(stored(object)).spec ?? {}),
    row: (object, now) => autoscalerRow(stored(object), now),
    fieldAnnotations: annotationNames,
    toStorage(object) {
      const autoscaler = version2Of(object);
      defaultAutoscaler(version2(autoscaler));
      return autoscaler;
    },
    fromStorage: version1Of,
  },
};
