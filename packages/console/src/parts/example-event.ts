/** A complete event for an empty page's command: of its own id, and as of now. */
export function exampleEvent(
  type: string,
  subject: { readonly kind: string; readonly id: string },
  after: object = {},
  more: object = {},
): object {
  const now = new Date()
  return {
    schema: 'console.event',
    version: '0.1',
    id: `example:${type}:${now.getTime()}`,
    type,
    occurredAt: now.toISOString(),
    producer: { id: 'runner', product: 'flow' },
    scope: { kind: 'repo', id: 'shop' },
    subject: { product: 'flow', ...subject },
    payload: { after, ...more },
  }
}
