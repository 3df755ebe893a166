/** The guides, in the order in which a user needs them: the groups of the side bar. */

export interface Group {
  readonly title: string
  /** Files of `docs`, without their ending. */
  readonly pages: ReadonlyArray<string>
}

export const groups: ReadonlyArray<Group> = [
  { title: "Start", pages: ["effect-4", "errors", "compile-errors", "streaming"] },
  { title: "Chat and more", pages: ["structured-output", "messages", "files-and-media", "more-apis", "generations"] },
  {
    title: "Agents",
    pages: [
      "agent",
      "tools",
      "conversations",
      "long-conversations",
      "several-agents",
      "middleware",
      "guardrails",
      "converters",
      "testing"
    ]
  },
  { title: "In production", pages: ["production", "limits", "node", "oauth", "telemetry", "durable", "recipes"] },
  { title: "Integrations", pages: ["chat-ui", "tanstack-query", "mcp", "effect-ai", "extend"] },
  { title: "Coming from", pages: ["from-openrouter-sdk", "from-callmodel", "from-other-agents"] },
  { title: "Reference", pages: ["benchmarks"] }
]
