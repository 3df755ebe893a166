import type { ServerResponse } from "node:http"

/**
 * Responds to the browser with one sentence. The page repeats nothing of the request, and its headers keep the URL with
 * the code private.
 *
 * @internal
 */
export const sendPage = (response: ServerResponse, status: number, sentence: string): void => {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "connection": "close"
  })
  response.end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>OpenRouter login</title>
<style>body { font: 1.2rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto 0; padding: 0 1rem }</style>
<p>${sentence}</p>
</html>
`)
}
