/**
 * A command line: it lists models, asks one of them, and lets an agent work with files, which asks at the terminal before
 * it writes. After each response stands what it cost. Ctrl-C ends the request to OpenRouter.
 *
 * Packages: `effect-openrouter`, `effect`, `@effect/platform-node`.
 *
 * `OPENROUTER_API_KEY=… npx tsx examples/recipes/cli.ts agent "Write a haiku about this folder into haiku.txt."`;
 * `models gpt-5` and `chat "Hi!"` are the other commands, and `--help` shows all options.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Layer, Schema, Stream, Terminal } from "effect"
import { Agent, Chat, Models, OpenRouterClient, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { NodeClient } from "effect-openrouter/node"
import { Argument, Command, Flag } from "effect/cli"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"

const display = (text: string) => Effect.flatMap(Terminal.Terminal, (terminal) => terminal.display(text))

const displayCost = (usd: number, tokens: number) => display(`\n[$${usd.toFixed(6)}, ${tokens} tokens]\n`)

/** Shows the message of a failure, which ends the program with status 1. */
const withMessage = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.tapError(effect, ({ message }) => Console.error(message))

const model = Flag.String("model").pipe(
  Flag.withAlias("m"),
  Flag.withDefault("openai/gpt-5-nano"),
  Flag.withDescription("The id of the model")
)

const search = Argument.String("search").pipe(Argument.withDefault(""), Argument.withDescription("A part of the id"))

const models = Command.make("models", { search }, ({ search }) =>
  Effect.gen(function*() {
    const { data } = yield* Models.list()
    const perMillion = (price: string) => `$${(Number(price) * 1e6).toFixed(2)}`
    for (const { id, pricing } of data.filter(({ id }) => id.includes(search))) {
      yield* display(`${id.padEnd(50)} ${perMillion(pricing.prompt)} in, ${perMillion(pricing.completion)} out\n`)
    }
  }).pipe(withMessage)).pipe(Command.withDescription("Lists models, with their prices for a million tokens"))

const question = Argument.String("question")

const chat = Command.make("chat", { model, question }, ({ model, question }) =>
  Effect.gen(function*() {
    const { usage } = yield* Chat.stream({ model, messages: [{ role: "user", content: question }] }).pipe(
      Stream.tap((chunk) => display(chunk.choices[0]?.delta.content ?? "")),
      Chat.accumulate
    )
    yield* displayCost(usage?.cost ?? 0, usage?.total_tokens ?? 0)
  }).pipe(withMessage)).pipe(Command.withDescription("Asks a model"))

const isOutside = (path: string) => relative(".", path).startsWith("..")

const Files = Toolkit.make(
  Tool.make("read_file", {
    parameters: Schema.Struct({ path: Schema.String }),
    success: Schema.String,
    failure: Schema.String,
    requireApproval: ({ path }) => isOutside(path)
  }),
  Tool.make("write_file", {
    parameters: Schema.Struct({ path: Schema.String, content: Schema.String }),
    failure: Schema.String,
    requireApproval: true
  })
)

const FilesLive = Files.toLayer({
  read_file: ({ path }) =>
    Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(path)).pipe(
      Effect.mapError(({ message }) => message)
    ),
  write_file: ({ content, path }) =>
    Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(path, content)).pipe(
      Effect.mapError(({ message }) => message)
    )
})

const confirm = ({ arguments: parameters, name }: Agent.Run["pending"][number]) =>
  Effect.gen(function*() {
    yield* display(`\nMay ${name} run with ${JSON.stringify(parameters)}? [y/N] `)
    const terminal = yield* Terminal.Terminal
    return (yield* terminal.readLine).trim().toLowerCase() === "y"
  })

/** What a run begins with: the task, or the history with decisions about its pending calls. */
interface Decided {
  readonly input: Agent.Input
  readonly approve?: ReadonlyArray<string>
  readonly reject?: ReadonlyArray<string>
}

const task = Argument.String("task")

const agent = Command.make("agent", { model, task }, ({ model, task }) => {
  const run = (next: Decided) =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, tools: Files, stopWhen: StopWhen.maxCost(0.1), ...next })
      yield* Stream.runForEach(result.textStream, display)
      const run = yield* result.run
      yield* displayCost(run.cost, run.usage.totalTokens)
      return run
    }).pipe(Effect.scoped)
  return Effect.gen(function*() {
    let { history, outcome, pending } = yield* run({ input: task })
    while (outcome._tag === "awaiting_approval") {
      const approve: Array<string> = []
      const reject: Array<string> = []
      for (const call of pending) ((yield* confirm(call)) ? approve : reject).push(call.callId)
      ;({ history, outcome, pending } = yield* run({ input: history, approve, reject }))
    }
  }).pipe(withMessage, Effect.provide(FilesLive))
}).pipe(Command.withDescription("Gives an agent a task with files"))

const command = Command.make("openrouter").pipe(Command.withSubcommands([models, chat, agent]))

/** Runs the command of `process.argv`. */
export const cli = (argv: ReadonlyArray<string>) => Command.runWith(command, { version: "1.0.0" })(argv.slice(2))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  cli(process.argv).pipe(
    Effect.provide(Layer.provide(OpenRouterClient.layer(), NodeClient.layer())),
    Effect.provide(NodeServices.layer),
    NodeRuntime.runMain({ disableErrorReporting: true })
  )
}
