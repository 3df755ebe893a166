/**
 * A page without a backend: the user logs in at OpenRouter, and the page streams chats with the key of the user, which
 * it keeps only in memory. Start it with `npx tsx examples/browser/serve.ts`.
 */
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { Effect, FiberHandle, Layer, Option, Stream } from "effect"
import { Chat, OAuth, OpenRouterClient } from "effect-openrouter"

const element = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`) ?? document.body
const question = document.querySelector("input") ?? document.createElement("input")
const show = (text: string) => Effect.sync(() => element("status").replaceChildren(text))
const hide = (id: string, hidden: boolean) => Effect.sync(() => element(id).toggleAttribute("hidden", hidden))

// Set by the server of the page when it replaces OpenRouter; otherwise undefined, and the defaults apply
const { authUrl, baseUrl } = document.body.dataset

const App = Layer.merge(
  OpenRouterClient.layer({ baseUrl, appTitle: document.title }).pipe(Layer.provide(FetchHttpClient.layer)),
  KeyValueStore.layerStorage(() => sessionStorage)
)

const started = Effect.map(KeyValueStore.KeyValueStore, (store) => store.forSchema(OAuth.PendingLogin))

/** Opens the login page. The pending login stays in the storage of this tab until the callback. */
const logIn = Effect.gen(function*() {
  const callbackUrl = location.origin + location.pathname
  const login = yield* OAuth.start({ callbackUrl, authUrl, keyLabel: document.title })
  yield* (yield* started).set("login", login)
  location.assign(login.url)
})

/** The credentials of the user, if this page load is the callback of a login. */
const completeLogin = Effect.gen(function*() {
  const store = yield* started
  const login = yield* store.get("login")
  const query = new URLSearchParams(location.search)
  if (Option.isNone(login) || !(query.has("code") || query.has("error"))) return Option.none()
  yield* store.remove("login")
  history.replaceState(null, "", location.pathname)
  return Option.some(yield* OAuth.complete(login.value, query))
})

/** While a response streams, shows the stop button and disables the input. */
const busy = (yes: boolean) =>
  Effect.zipRight(
    hide("stop", !yes),
    Effect.sync(() => question.toggleAttribute("disabled", yes))
  )

const messages: Array<{ readonly role: "user" | "assistant"; readonly content: string }> = []

const addMessage = (role: "user" | "assistant", text: string): HTMLElement => {
  const item = document.createElement("li")
  item.className = role
  item.append(text)
  element("turns").append(item)
  return item
}

const send = (text: string, { key }: OAuth.Credentials) =>
  Effect.gen(function*() {
    messages.push({ role: "user", content: text })
    addMessage("user", text)
    const item = addMessage("assistant", "")
    yield* show("")
    yield* busy(true)
    yield* Chat.stream({ model: "openai/gpt-5-nano", messages }).pipe(
      Chat.textDeltas,
      Stream.runForEach((delta) => Effect.sync(() => item.append(delta))),
      OpenRouterClient.withOptions({ apiKey: key }),
      Effect.ensuring(Effect.sync(() => messages.push({ role: "assistant", content: item.textContent ?? "" }))),
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
    const response = yield* FiberHandle.make()
    const run = yield* FiberHandle.runtime(response)<OpenRouterClient.OpenRouterClient>()
    // a handle has one fiber: running another effect interrupts the response
    element("stop").addEventListener("click", () => run(Effect.void))
    element("chat").addEventListener("submit", (event) => {
      event.preventDefault()
      run(send(question.value, credentials))
      question.value = ""
    })
  })

/** Starts the chat if the login is complete. Otherwise waits for the button, which opens the login page. */
const page = Effect.gen(function*() {
  const credentials = yield* completeLogin.pipe(
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
