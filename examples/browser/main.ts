/**
 * A page without a server of its own: its user logs in at OpenRouter, and it streams chats with their key, which it
 * keeps in memory only. `npx tsx examples/browser/serve.ts` shows it.
 */
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { Effect, FiberHandle, Layer, Option, Stream } from "effect"
import { Chat, OAuth, OpenRouterClient } from "effect-openrouter"

const element = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`) ?? document.body
const question = document.querySelector("input") ?? document.createElement("input")
const show = (text: string) => Effect.sync(() => element("status").replaceChildren(text))
const hide = (id: string, hidden: boolean) => Effect.sync(() => element(id).toggleAttribute("hidden", hidden))

// Where OpenRouter is, unless the page says otherwise
const { authUrl, baseUrl } = document.body.dataset

const App = Layer.merge(
  OpenRouterClient.layer({ baseUrl, appTitle: document.title }).pipe(Layer.provide(FetchHttpClient.layer)),
  KeyValueStore.layerStorage(() => sessionStorage)
)

const started = Effect.map(KeyValueStore.KeyValueStore, (store) => store.forSchema(OAuth.PendingLogin))

/** Leaves for the login page; what the way back needs stays in this tab's storage. */
const logIn = Effect.gen(function*() {
  const callbackUrl = location.origin + location.pathname
  const login = yield* OAuth.start({ callbackUrl, authUrl, keyLabel: document.title })
  yield* (yield* started).set("login", login)
  location.assign(login.url)
})

/** Whose key it is, where the page was reached by the way back. */
const comeBack = Effect.gen(function*() {
  const store = yield* started
  const login = yield* store.get("login")
  const query = new URLSearchParams(location.search)
  if (Option.isNone(login) || !(query.has("code") || query.has("error"))) return Option.none()
  yield* store.remove("login")
  history.replaceState(null, "", location.pathname)
  return Option.some(yield* OAuth.complete(login.value, query))
})

/** While an answer is on its way, there is a button to stop it and no way to ask. */
const busy = (yes: boolean) =>
  Effect.zipRight(
    hide("stop", !yes),
    Effect.sync(() => question.toggleAttribute("disabled", yes))
  )

const turns: Array<{ readonly role: "user" | "assistant"; readonly content: string }> = []

const addTurn = (role: "user" | "assistant", text: string): HTMLElement => {
  const item = document.createElement("li")
  item.className = role
  item.append(text)
  element("turns").append(item)
  return item
}

const ask = (text: string, { key }: OAuth.Credentials) =>
  Effect.gen(function*() {
    turns.push({ role: "user", content: text })
    addTurn("user", text)
    const item = addTurn("assistant", "")
    yield* show("")
    yield* busy(true)
    yield* Chat.stream({ model: "openai/gpt-5-nano", messages: turns }).pipe(
      Chat.textDeltas,
      Stream.runForEach((delta) => Effect.sync(() => item.append(delta))),
      OpenRouterClient.withOptions({ apiKey: key }),
      Effect.ensuring(Effect.sync(() => turns.push({ role: "assistant", content: item.textContent ?? "" }))),
      Effect.onInterrupt(() => show("Stopped.")),
      Effect.catchAll((error) => show(error.message)),
      Effect.ensuring(busy(false))
    )
  })

const chat = (credentials: OAuth.Credentials) =>
  Effect.gen(function*() {
    yield* show(`Logged in as ${credentials.userId}.`)
    yield* hide("log-in", true)
    yield* hide("chat", false)
    const answering = yield* FiberHandle.make()
    const run = yield* FiberHandle.runtime(answering)<OpenRouterClient.OpenRouterClient>()
    // whatever is run next takes the place of the answer
    element("stop").addEventListener("click", () => run(Effect.void))
    element("chat").addEventListener("submit", (event) => {
      event.preventDefault()
      run(ask(question.value, credentials))
      question.value = ""
    })
  })

/** Waits for the button, which leads away from the page, unless it was reached by the way back. */
const page = Effect.gen(function*() {
  const credentials = yield* comeBack.pipe(
    Effect.catchAll((error) => Effect.as(show(error.message), Option.none()))
  )
  if (Option.isSome(credentials)) {
    yield* chat(credentials.value)
    return yield* Effect.never
  }
  yield* Effect.forever(Effect.zipRight(
    click("log-in"),
    logIn.pipe(
      Effect.catchAll((error) => show(error.message))
    )
  ))
})

const click = (id: string) =>
  Effect.async<void>((resume) => element(id).addEventListener("click", () => resume(Effect.void), { once: true }))

Effect.runFork(page.pipe(
  Effect.provide(App),
  Effect.scoped,
  Effect.catchAll((error) => show(String(error)))
))
