/** The definition that the operator of the tests reconciles, and the webhook that stands before it. */
export const definition = {
  metadata: { name: 'curtains.operator.example.com' },
  spec: {
    group: 'operator.example.com',
    scope: 'Namespaced',
    names: { plural: 'curtains', singular: 'curtain', kind: 'Curtain' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
              status: { type: 'object', properties: { ready: { type: 'boolean' } } },
            },
          },
        },
      },
    ],
  },
};

export const webhookConfiguration = (url: string, caBundle: string): object => ({
  metadata: { name: 'curtains' },
  webhooks: [
    {
      name: 'curtains.operator.example.com',
      clientConfig: { url, caBundle },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      rules: [
        { apiGroups: ['operator.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['curtains'] },
      ],
    },
  ],
});

export const curtain = (name: string, text: string): object => ({
  apiVersion: 'operator.example.com/v1',
  kind: 'Curtain',
  metadata: { name },
  spec: { text },
});
