/** The splitter of `raw fetch`, for readers that hand over one read at a time. */
export const splitter = <Event>(see: (event: Event) => void): (bytes: Uint8Array) => void => {
  const decoder = new TextDecoder()
  let rest = ""
  return (bytes) => {
    rest += decoder.decode(bytes, { stream: true })
    let at = 0
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n", at)) {
      if (rest.startsWith("data: ", at) && !rest.startsWith("data: [DONE]", at)) {
        see(JSON.parse(rest.slice(at + 6, end)))
      }
      at = end + 1
    }
    rest = rest.slice(at)
  }
}
