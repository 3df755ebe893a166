import { readFileSync } from "node:fs"
import { defineConfig } from "vitepress"
import llms from "vitepress-plugin-llms"

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"))

const site = read("../content/site.json")

/** The anchors of headings as in the files of the repository, but for `_`, which the pages of typedoc write as `-`. */
const slugify = (heading: string): string =>
  heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/[\s_]/g, "-")

const icon = "data:image/svg+xml," + encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#3451b2"/>` +
    `<path d="M4 8h8M9 5l3 3-3 3" fill="none" stroke="#fff" stroke-width="1.6"/></svg>`
)

export default defineConfig({
  title: "effect-openrouter",
  description: site.description,
  lang: "en",
  base: process.env.SITE_BASE ?? "/",
  srcDir: "content",
  outDir: "dist",
  metaChunk: true,
  ignoreDeadLinks: "localhostLinks",
  head: [["link", { rel: "icon", href: icon }]],
  markdown: { anchor: { slugify } },
  vite: {
    build: { chunkSizeWarningLimit: 5000 },
    plugins: [
      llms({
        title: "effect-openrouter",
        description: site.description,
        sidebar: [...site.sidebar["/"], ...site.sidebar["/endpoints/"]],
        ignoreFiles: ["api/**", "source/**", "project/architecture.md", "project/contributing.md", "index.md"],
        // Their tables are long; `llms.txt` links to each of them
        ignoreFilesPerOutput: { llmsFullTxt: ["endpoints/[A-Z]*"] }
      })
    ]
  },
  themeConfig: {
    outline: { level: [2, 3], label: "On this page" },
    search: { provider: "local" },
    sidebar: site.sidebar,
    nav: [
      { text: "Guide", link: site.firstGuide, activeMatch: "^/(guide|examples)/" },
      { text: "Endpoints", link: "/endpoints/", activeMatch: "^/endpoints/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
      { text: "Errors", link: "/reference/errors" },
      {
        text: `${site.version}`,
        items: [
          { text: "Changelog", link: "/project/changelog" },
          { text: "For Effect 4", link: "/guide/effect-4" },
          { text: "Security", link: "/project/security" },
          { text: "Contributing", link: "/project/contributing" },
          { text: "Architecture", link: "/project/architecture" }
        ]
      }
    ]
  }
})
