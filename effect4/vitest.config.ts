import { fileURLToPath } from "node:url"
import { configDefaults, defineConfig } from "vitest/config"
import { files } from "./test/differences.ts"

const src = fileURLToPath(new URL("./src", import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-openrouter$/, replacement: `${src}/index.ts` },
      { find: /^effect-openrouter\/ai$/, replacement: `${src}/ai/index.ts` },
      { find: /^effect-openrouter\/durable$/, replacement: `${src}/durable/index.ts` },
      { find: /^effect-openrouter\/durable\/cluster$/, replacement: `${src}/durable/cluster/index.ts` },
      { find: /^effect-openrouter\/mcp$/, replacement: `${src}/mcp/index.ts` },
      { find: /^effect-openrouter\/mcp\/server$/, replacement: `${src}/mcp/server/index.ts` },
      { find: /^effect-openrouter\/mcp\/stdio$/, replacement: `${src}/mcp/stdio/index.ts` },
      { find: /^effect-openrouter\/node$/, replacement: `${src}/node/index.ts` },
      { find: /^effect-openrouter\/query$/, replacement: `${src}/query/index.ts` },
      { find: /^effect-openrouter\/sql$/, replacement: `${src}/sql/index.ts` },
      { find: /^effect-openrouter\/testing$/, replacement: `${src}/testing/index.ts` },
      { find: /^effect-openrouter\/testing\/server$/, replacement: `${src}/testing/server/index.ts` },
      { find: /^effect-openrouter\/ui$/, replacement: `${src}/ui/index.ts` },
      { find: /^effect-openrouter\/(.+)$/, replacement: `${src}/$1.ts` }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...Object.keys(files)],
    isolate: false,
    testTimeout: 30_000,
    maxWorkers: "100%",
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: "build/test-results.json" }
  }
})
