/** The defaults of a HorizontalPodAutoscaler. */
import type { HPAScalingRules, HorizontalPodAutoscaler, Sent } from '../../objects/index.ts';

const defaultUtilization = 80;

const upRules = (): Sent<HPAScalingRules> => ({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
});
const downRules = (): Sent<HPAScalingRules> => ({
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
});

/** Upstream's defaults of an autoscaling/v2 autoscaler. */
export function defaultAutoscaler(autoscaler: Sent<HorizontalPodAutoscaler>): void {
  const spec = (autoscaler.spec ??= {});
  spec.minReplicas ??= 1;
  if ((spec.metrics?.length ?? 0) === 0) {
    spec.metrics = [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: defaultUtilization } },
      },
    ];
  }
  for (const rules of [spec.behavior?.scaleUp, spec.behavior?.scaleDown])
    if (rules !== undefined) delete rules.tolerance;
  if (spec.behavior === undefined) return;
  spec.behavior.scaleUp = { ...upRules(), ...spec.behavior.scaleUp };
  spec.behavior.scaleDown = { ...downRules(), ...spec.behavior.scaleDown };
}
