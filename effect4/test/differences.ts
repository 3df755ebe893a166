/** What the suite does not run on Effect 4, each with its reason. Everything else runs on both. */

interface Difference {
  /** The beginning of a test's title. */
  readonly title: string
  readonly reason: string
}

/** Files and folders. */
export const files: Readonly<Record<string, string>> = {
  "test/architecture/**": "rules about the sources, which are one for both editions",
  "test/generate/**": "the generator, which writes one text for both editions",
  "test/package/**": "the manifest and the lock file of the project",
  "test/scripts/**": "the commands of the project, which run on one of its Nodes"
}

const of = (reason: string, ...titles: ReadonlyArray<string>): ReadonlyArray<Difference> =>
  titles.map((title) => ({ title, reason }))

/** Tests. */
export const tests: ReadonlyArray<Difference> = [
  ...of(
    "an error whose cause repeats the key shows it in the text that Effect 4 makes of its own span; no span of the library does",
    "59: of the form "
  ),
  ...of(
    "the span of the request itself is Effect's, with attributes of its own",
    "are sent if the option is set, and the HTTP request has its own span"
  ),
  ...of(
    "Effect 4 does not convert such a value to text, so there is nothing to report",
    "reports a value that cannot be converted to text, and one deep in a recursive schema"
  ),
  ...of(
    "Effect 4 asks for the key of a required field of any type; guards accept that it is missing, as JSON has no undefined",
    "agrees with Schema on a required unknown field"
  ),
  ...of(
    "not equal yet: a fiber that was waiting goes on before the one that woke it, so the test interrupts at another moment",
    "of a request without a response is counted",
    "send nothing until the client closes the connection",
    "during a response closes the connection and releases the conversation",
    "66: come once for a run that is interrupted, however it was started",
    "finishes in spite of an interruption, once the handler has succeeded",
    "sees no event whose record is not stored, and holds up no store and no tool",
    "that fails or hangs after the handler does so after a record, which tells the model nothing of the result",
    "22: progress arrives live, under the id of its call, before the result",
    "has failed if a tool failed, although other tools finish afterwards",
    "interrupts the run when the reader stops, and waits for its end",
    "ends its readers even if its scope closes before it starts",
    "wakes a thousand readers, and removes readers that stop",
    "keeps all results for a reader that falls behind, and the newest progress of each call",
    "delays an interrupted run by at most a minute for its append and 5 seconds for its end",
    "receives answers for its handlers and its manual tools",
    "comes to the same end wherever its process dies, with the same keys"
  ),
  ...of(
    "not equal yet: the interpreter of activities of the test yields values that are no effects in Effect 4",
    "continues in the replay of a run without a conversation"
  ),
  ...of(
    "not equal yet: JSON Schema of your own for a bigint that is encoded as a text",
    "14: a bigint that is encoded as a string receives -2512292042121000001 as it is written"
  ),
  ...of(
    "not equal yet: a schema that fails for an answer ends the test without a message",
    "does not start with an answer that does not fit; nothing is stored or sent",
    "counts what it spent in the run that pauses, and in the conversation"
  ),
  ...of("not equal yet: the issue of an unknown entry has no path of its tag", "is damaged: an entry of tomorrow"),
  ...of(
    "not equal yet: the clock of the model-based tests",
    "keeps the invariants",
    "hold as documented, and let no run"
  ),
  ...of(
    "not equal yet: the programs use terminals and processes of the platform",
    "agent-weather has a tool that succeeds and fails, and a response",
    "agent-approval ends before its tool has run, and continues in another process"
  )
]

export const reasonOf = (title: string): string | undefined => tests.find((one) => title.startsWith(one.title))?.reason
