/** An authorization server, and an MCP server that checks its tokens, both on this machine. */
import { toNodeHandler } from "@modelcontextprotocol/node"
import { createMcpHandler } from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import { createHash, randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import { makeServer } from "./server.js"

/** A server that closes with the scope, and its origin. */
export const listening = (receive: RequestListener) =>
  Effect.gen(function*() {
    const server = createServer(receive)
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    const address = server.address()
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  })

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const piece of request.setEncoding("utf8")) text += piece
  return text
}

const send = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
}

interface Code {
  readonly client: string
  readonly redirect: string
  readonly challenge: string
  readonly scope: string | undefined
}

/** The whole world of a login: what it knows can be read and changed by tests. */
export const makeWorld = Effect.gen(function*() {
  const clients = new Map<string, ReadonlyArray<string>>()
  const codes = new Map<string, Code>()
  const access = new Map<string, string>()
  const refreshes = new Map<string, string>()
  const secrets: Array<string> = []
  const counts = { registered: 0, authorized: 0, exchanged: 0, refreshed: 0, refused: 0, programs: 0 }
  const options = { denies: false, wantedScope: "", tokenStatus: 0, rotates: true }
  const secret = (name: string): string => {
    const made = `${name}-${randomUUID()}`
    secrets.push(made)
    return made
  }
  const grant = (client: string, scope = "") => {
    const [access_token, refresh_token] = [secret("access"), secret("refresh")]
    access.set(access_token, scope)
    refreshes.set(refresh_token, client)
    return { access_token, refresh_token, token_type: "Bearer", expires_in: 3600, scope }
  }

  let issuer = ""
  const authorizationServer: RequestListener = async (request, response) => {
    const url = new URL(request.url ?? "", issuer)
    switch (url.pathname) {
      case "/.well-known/oauth-authorization-server":
        return send(response, 200, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          registration_endpoint: `${issuer}/register`,
          response_types_supported: ["code"],
          grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
          code_challenge_methods_supported: ["S256"],
          token_endpoint_auth_methods_supported: ["none", "client_secret_basic"]
        })
      case "/register": {
        counts.registered++
        const asked = JSON.parse(await bodyOf(request))
        const client_id = `client-${counts.registered}`
        clients.set(client_id, asked.redirect_uris)
        return send(response, 201, { ...asked, client_id })
      }
      case "/authorize": {
        counts.authorized++
        const { searchParams } = url
        const redirect = searchParams.get("redirect_uri") ?? ""
        const client = searchParams.get("client_id") ?? ""
        if (clients.get(client)?.includes(redirect) !== true) return send(response, 400, { error: "invalid_request" })
        const back = new URL(redirect)
        back.searchParams.set("state", searchParams.get("state") ?? "")
        if (options.denies) {
          back.searchParams.set("error", "access_denied")
          back.searchParams.set("error_description", "The user said no")
        } else {
          const code = secret("code")
          codes.set(code, {
            client,
            redirect,
            challenge: searchParams.get("code_challenge") ?? "",
            scope: searchParams.get("scope") ?? undefined
          })
          back.searchParams.set("code", code)
        }
        return void response.writeHead(302, { location: back.href }).end()
      }
      case "/token": {
        const form = new URLSearchParams(await bodyOf(request))
        if (options.tokenStatus !== 0) {
          // A careless server, which says what it received
          return send(response, options.tokenStatus, `${form}`)
        }
        const invalid = (token: string): void =>
          send(response, 400, { error: "invalid_grant", error_description: `${token} is not valid` })
        switch (form.get("grant_type")) {
          case "authorization_code": {
            counts.exchanged++
            const code = codes.get(form.get("code") ?? "")
            codes.delete(form.get("code") ?? "")
            const verifier = form.get("code_verifier") ?? ""
            secrets.push(verifier)
            const isRight = code !== undefined && code.client === form.get("client_id") &&
              code.redirect === form.get("redirect_uri") &&
              createHash("sha256").update(verifier).digest("base64url") === code.challenge
            return isRight ? send(response, 200, grant(code.client, code.scope)) : invalid(form.get("code") ?? "")
          }
          case "refresh_token": {
            counts.refreshed++
            const token = form.get("refresh_token") ?? ""
            const client = refreshes.get(token)
            refreshes.delete(token)
            return client !== undefined && client === form.get("client_id")
              ? send(response, 200, grant(client))
              : invalid(token)
          }
          case "client_credentials": {
            counts.programs++
            const isRight = request.headers.authorization === `Basic ${btoa("program:program-secret")}`
            const { access_token, token_type } = grant("program")
            return isRight
              ? send(response, 200, { access_token, token_type })
              : send(response, 401, { error: "invalid_client" })
          }
        }
        return send(response, 400, { error: "unsupported_grant_type" })
      }
    }
    send(response, 404, {})
  }
  issuer = yield* listening((request, response) => void authorizationServer(request, response))

  const handler = toNodeHandler(
    createMcpHandler(() => makeServer({ cancelled: () => undefined, key: () => undefined }))
  )
  let origin = ""
  origin = yield* listening((request, response) => {
    const { headers, method = "", url = "" } = request
    if (url.startsWith("/.well-known/oauth-protected-resource")) {
      return send(response, 200, { resource: `${origin}/mcp`, authorization_servers: [issuer] })
    }
    const metadata = `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`
    const token = headers.authorization?.replace(/^Bearer /, "") ?? ""
    const scope = access.get(token)
    if (scope === undefined) {
      counts.refused++
      return send(response, 401, { sent: token }, { "www-authenticate": `Bearer ${metadata}` })
    }
    if (options.wantedScope !== "" && !scope.split(" ").includes(options.wantedScope)) {
      const error = `error="insufficient_scope", scope="${options.wantedScope}"`
      return send(response, 403, {}, { "www-authenticate": `Bearer ${error}, ${metadata}` })
    }
    void handler(Object.assign(request, { method, url }), response)
  })
  return { url: `${origin}/mcp`, issuer, clients, access, refreshes, secrets, counts, options }
})

/** A browser whose user agrees, if the authorization server lets them: where it is redirected. */
export const browse = (page: string): Effect.Effect<string> =>
  Effect.promise(async () => {
    const response = await fetch(page, { redirect: "manual" })
    return response.headers.get("location") ?? ""
  })
