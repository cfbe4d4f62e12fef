import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds the API; a server started by `cargo xtask demo` by default. */
const server = process.env.STACKYARD_SERVER ?? 'http://127.0.0.1:7780';

export default defineConfig({
  plugins: [react()],
  build: {
    // What a browser of the last two years understands; nothing is translated for older ones.
    target: 'es2022',
    // The content policy of the server allows no `data:` scripts or fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
  },
  server: { proxy: { '/api': server } },
});
