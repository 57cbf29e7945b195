/** Whether the server runs in local mode, as it wrote into the page. */
export function isLocal(): boolean {
  return document.querySelector<HTMLMetaElement>('meta[name="console-mode"]')?.content === 'local'
}
