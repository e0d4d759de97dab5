// Builds loader.js and panel.js into the gateway's static folder and says what they weigh.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '../bot/gateway/static/widget');
const LOADER_LIMIT = 5_000;

// Style sheets travel inside the scripts as text: they are adopted, never written into a style element.
const cssAsText = {
  name: 'css-as-text',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => ({
      contents: (await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true })).code,
      loader: 'text',
    }));
  },
};

async function bundle(entry, define = {}) {
  const result = await build({
    absWorkingDir: here, entryPoints: [entry], outdir: target, write: false, metafile: true,
    bundle: true, minify: true, format: 'iife', target: 'es2022', charset: 'utf8', legalComments: 'none',
    jsx: 'automatic', jsxImportSource: 'preact', define, plugins: [cssAsText],
  });
  return { code: result.outputFiles[0].contents, inputs: Object.keys(result.metafile.inputs) };
}

const packageOf = (input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];

function licences(inputs) {
  const names = [...new Set(inputs.map(packageOf).filter(Boolean))].sort();
  return names.map((name) => `${name}\n\n${readFileSync(join(here, 'node_modules', name, 'LICENSE'), 'utf8')}`).join('\n\n---\n\n');
}

function put(name, content) {
  writeFileSync(join(target, name), content);
  const size = gzipSync(content).length;
  console.log(`${name}: ${content.length} bytes, ${size} gzip`);
  return size;
}

const panel = await bundle('src/panel.tsx');
// The panel's address changes with its content, so it may be cached for ever while the loader is short-lived.
const version = createHash('sha256').update(panel.code).digest('hex').slice(0, 12);
const loader = await bundle('src/loader.ts', { PANEL_VERSION: JSON.stringify(version) });

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
put('panel.js', panel.code);
put('licenses.txt', licences([...panel.inputs, ...loader.inputs]));
if (put('loader.js', loader.code) > LOADER_LIMIT) throw new Error(`loader.js passa de ${LOADER_LIMIT} bytes comprimidos`);
