import * as Redacted from "effect/Redacted"

const openRouterKey = /sk-or-[\w-]{6,}/g

const accountId = /("user_id"\s*:\s*")(?:user|org)_[^"]*/g

/**
 * Servers and runtimes echo what they were sent. Every text that goes into an error passes through here, so that no
 * key ends up in a log.
 *
 * @internal
 */
export const scrub = (text: string, key: Redacted.Redacted | undefined): string => {
  const value = key === undefined ? "" : Redacted.value(key).trim()
  const withoutKey = value.length < 4 ? text : text.replaceAll(value, "<redacted>")
  return withoutKey.replace(openRouterKey, "<redacted>").replace(accountId, "$1<redacted>")
}

/**
 * Whether a value can travel in a header at all; a line break in a key must not reach the runtime, whose message would
 * quote it.
 *
 * @internal
 */
export const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

/**
 * Whether a header may be called that.
 *
 * @internal
 */
export const isHeaderName = (name: string): boolean => /^[\w!#$%&'*+\-.^`|~]+$/.test(name)
