/**
 * `npm run docs`: makes the documentation site in `website/dist` of the guides, the examples, the rows and the sources, and
 * checks each of its links. `-- --look` opens it in Chromium, checks it there, and takes pictures; `-- --fast` keeps the API
 * reference of the last run.
 */
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path/posix"
import { parseArgs } from "node:util"
import { ofMarkdown } from "../docs/snippets.js"
import { apiIndex, apiItems, completePages, modulePaths, runTypedoc } from "./api.js"
import { checkHtml } from "./checkHtml.js"
import { endpointItems, endpointPages } from "./endpoints.js"
import { errorsPage } from "./errors.js"
import { codeOf, exampleItem, examplePages } from "./examples.js"
import { content, dist, filesBelow, read, root, website, writePage } from "./files.js"
import { groupProblems, guideAssets, guideItems, guidePages } from "./guides.js"
import { description, landingPage } from "./landing.js"

const { values } = parseArgs({
  options: { look: { type: "boolean", default: false }, fast: { type: "boolean", default: false } }
})

const timed = <A>(title: string, run: () => A): A => {
  const started = performance.now()
  const result = run()
  console.log(`${title}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}

/** Installs what the lock file of the site names, unless it is there. */
const install = (): void => {
  const lock = readFileSync(join(website, "package-lock.json"), "utf8")
  const stamp = join(website, "node_modules/.installed-lock.json")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return
  execFileSync("npm", ["ci", "--prefix", website, "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: "inherit"
  })
  writeFileSync(stamp, lock)
}

const makeContent = (): void => {
  mkdirSync(content, { recursive: true })
  for (const path of readdirSync(content)) {
    if (!(values.fast && path === "api")) rmSync(join(content, path), { recursive: true, force: true })
  }
  const guides = guideItems()
  const firstGuide = guides[0]?.items?.[0]?.link ?? "/guide/"
  const code = new Set<string>()
  const examples = examplePages()
  const pages = [
    ...guidePages(modulePaths, code),
    ...examples,
    ...endpointPages(modulePaths),
    errorsPage(modulePaths),
    landingPage(firstGuide, modulePaths, code)
  ]
  pages.forEach(writePage)
  code.forEach((path) => writePage(codeOf(path)))
  for (const path of guideAssets()) {
    mkdirSync(join(content, "guide"), { recursive: true })
    copyFileSync(join(root, path), join(content, "guide", basename(path)))
  }
  const reference = guides.map((group) =>
    group.text === "Reference"
      ? { ...group, items: [{ text: "All errors", link: "/reference/errors" }, ...(group.items ?? [])] }
      : group
  )
  const site = {
    version: JSON.parse(read("package.json")).version,
    description: description(),
    firstGuide,
    sidebar: {
      "/api/": apiItems(),
      "/endpoints/": endpointItems,
      "/": [...reference, exampleItem(examples)]
    }
  }
  writeFileSync(join(content, "site.json"), JSON.stringify(site, null, 2))
}

const build = (): void => {
  rmSync(dist, { recursive: true, force: true })
  execFileSync(process.execPath, ["node_modules/vitepress/bin/vitepress.js", "build"], {
    cwd: website,
    stdio: "inherit"
  })
}

const problems = groupProblems()
if (problems.length === 0) {
  timed("install", install)
  timed("content", makeContent)
  if (!values.fast) {
    timed("typedoc", () => {
      runTypedoc()
      completePages()
      writePage(apiIndex())
    })
  }
  timed("build", build)
}
const checked = problems.length === 0
  ? timed("links", () => checkHtml(dist, process.env["SITE_BASE"] ?? "/"))
  : undefined
for (const problem of [...problems, ...(checked?.problems ?? [])]) {
  console.error(problem)
}
if (checked !== undefined) {
  const snippets = filesBelow("website/content").filter((path) => path.endsWith(".md")).flatMap((path) =>
    ofMarkdown(path, read(path))
  )
  console.log(
    `${checked.pages} pages, ${checked.links} links, ${checked.anchors} anchors, ${checked.external} addresses of other ` +
      `sites, ${snippets.length} snippets, ${problems.length + checked.problems.length} problems`
  )
}
if (checked === undefined || checked.problems.length > 0) {
  process.exitCode = 1
} else if (values.look) {
  execFileSync(process.execPath, [join(root, "node_modules/tsx/dist/cli.mjs"), "scripts/browser/site.ts"], {
    cwd: root,
    stdio: "inherit"
  })
}
