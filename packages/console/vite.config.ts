import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where the API is while developing; the built pages are served by the server itself. */
const server = process.env.QUARTERDECK_DEV_SERVER ?? 'http://127.0.0.1:3000'

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    // A font or picture inlined as data: would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { port: 5173, proxy: { '^/(?!console(/|$))': { target: server } } },
})
