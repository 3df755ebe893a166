/**
 * What a login got back, as far as it can be told without asking OpenRouter.
 *
 * @internal
 */
export type Answer =
  | { readonly _tag: "Code"; readonly code: string }
  | { readonly _tag: "Rejected"; readonly error: string; readonly description: string | undefined }
  | { readonly _tag: "CodeMissing" }
  | { readonly _tag: "StateMismatch" }

/**
 * Reads the URL that the browser was sent back to, or its query. `state` is what it must carry; without one, a bare
 * code does as well.
 *
 * @internal
 */
export const readAnswer = (answer: string | URL | URLSearchParams, state: string | undefined): Answer => {
  const query = queryOf(answer)
  const states = query.getAll("state")
  const error = query.get("error") ?? ""
  if (state !== undefined) {
    const carried = states.length > 0 && states.every((value) => value === state)
    // a rejection may come without a state: the worst it can do is to end the login
    if (!carried && (error === "" || states.length > 0)) return { _tag: "StateMismatch" }
  }
  if (error !== "") return { _tag: "Rejected", error, description: query.get("error_description") ?? undefined }
  const code = query.get("code") ?? (state === undefined ? bareCode(answer) : "")
  return code === "" ? { _tag: "CodeMissing" } : { _tag: "Code", code }
}

const queryOf = (answer: string | URL | URLSearchParams): URLSearchParams => {
  if (answer instanceof URLSearchParams) return answer
  if (answer instanceof URL) return answer.searchParams
  const text = answer.trim().replace(/#[^?]*$/, "")
  const start = text.indexOf("?") + 1
  return new URLSearchParams(start > 0 || /^(code|state|error)=/.test(text) ? text.slice(start) : "")
}

/** A code as a person pastes it; a URL, a query or a sentence is none. */
const bareCode = (answer: string | URL | URLSearchParams): string => {
  const text = typeof answer === "string" ? answer.trim() : ""
  return /\s|\?|:\/\/|^(code|state|error)=/.test(text) ? "" : text
}
