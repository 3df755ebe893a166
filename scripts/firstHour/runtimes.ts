/** Where the first programs run, each as its page says. */

export interface Runtime {
  readonly name: string
  /** The package of npm that brings it, if this machine does not have it. */
  readonly tool?: string
  /** The file in that package which is the runtime. */
  readonly bin?: string
  readonly page: "README.md" | "docs/install.md"
  /** The section of the page; without one, its beginning. */
  readonly section?: string
  readonly edition: 3 | 4
  /** The address at which a server of its own answers, when its last command has started it. */
  readonly serves?: string
}

const node = (version: string, edition: 3 | 4, page: Runtime["page"], section?: string): Runtime => ({
  name: `Node ${version}`,
  tool: `node@${version}`,
  bin: "node_modules/node/bin",
  page,
  edition,
  ...(section === undefined ? {} : { section })
})

export const runtimes: ReadonlyArray<Runtime> = [
  node("20", 3, "README.md"),
  node("22", 3, "README.md"),
  node("24", 3, "README.md"),
  node("22", 4, "README.md"),
  node("24", 4, "README.md"),
  node("24", 3, "docs/install.md", "Node"),
  { name: "Bun", tool: "bun@1.4.5", bin: "node_modules/.bin", page: "docs/install.md", section: "Bun", edition: 3 },
  { name: "Deno", tool: "deno@2.9.6", bin: "node_modules/.bin", page: "docs/install.md", section: "Deno", edition: 3 },
  {
    name: "workerd",
    tool: "node@22",
    bin: "node_modules/node/bin",
    page: "docs/install.md",
    section: "Cloudflare Workers",
    edition: 3,
    serves: "http://localhost:8787"
  }
]
