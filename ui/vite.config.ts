import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` finds the API; a server started by `cargo xtask demo` by default. */
const server = process.env.STACKYARD_SERVER ?? 'http://127.0.0.1:7780';

/**
 * Has Chromium compile each script whole and beside the page's thread, not function by function in it; a comment
 * elsewhere. https://v8.dev/blog/explicit-compile-hints
 */
const compiledWhole: Plugin = {
  name: 'compiled-whole',
  enforce: 'post',
  generateBundle: {
    // After Vite's own last changes: it must be the first line.
    order: 'post',
    handler(_, bundle) {
      for (const it of Object.values(bundle))
        if (it.type === 'chunk') it.code = `//# allFunctionsCalledOnLoad\n${it.code}`;
    },
  },
};

/** Below that a compressed file saves no packet. */
const SMALL = 1_000;

/** Puts `.br` and `.gz` beside each file, which the server gives to those who take them. */
const compressed: Plugin = {
  name: 'compressed',
  enforce: 'post',
  async writeBundle({ dir }, bundle) {
    for (const name of Object.keys(bundle)) {
      const path = join(dir ?? '', name);
      const content = await readFile(path);
      if (content.length < SMALL) continue;
      await writeFile(`${path}.br`, brotliCompressSync(content));
      await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
    }
  },
};

export default defineConfig({
  plugins: [react(), compiledWhole, compressed],
  build: {
    // What a browser of the last two years understands; nothing is translated for older ones.
    target: 'es2022',
    // The content policy of the server allows no `data:` scripts or fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 500,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // One request for the small things that pages share, in place of one for each icon.
          groups: [
            {
              name: 'parts',
              test: /@tabler|src\/(api\/|parts\/(Page|Empty|Status|When|ErrorNotice)\.)/,
              minShareCount: 3,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': server } },
});
