import { ApiKeys, Byok, Containers, Credits, Files, Guardrails, OAuth, Observability } from "effect-openrouter"
import { type Case, that } from "./case.js"

const file = { container_id: "cntr 1", file_id: "file/1" }

const exchange = {
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  federation_policy_id: "p1",
  subject_token: "a.b.c",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  scope: "inference"
} as const

const destination = {
  name: "Traces",
  type: "langfuse",
  config: { publicKey: "pk" },
  sampling_rate: 0.5,
  regions: ["europe"]
} as const

export const account: ReadonlyArray<Case> = [
  that(Credits.getCredits, undefined, "GET /credits"),
  that(Credits.createCoinbaseCharge, undefined, "POST /credits/coinbase"),

  that(ApiKeys.list, { include_disabled: true, offset: 5 }, "GET /keys?include_disabled=true&offset=5"),
  that(ApiKeys.create, { name: "CI", limit: 5, limit_reset: "daily" }, "POST /keys", {
    name: "CI",
    limit: 5,
    limit_reset: "daily"
  }),
  that(ApiKeys.get, { hash: "h/1" }, "GET /keys/h%2F1"),
  that(ApiKeys.update, { hash: "h1", disabled: true, limit: null }, "PATCH /keys/h1", { disabled: true, limit: null }),
  that(ApiKeys.delete, { hash: "h1" }, "DELETE /keys/h1"),
  that(ApiKeys.getCurrentKeyMetadata, undefined, "GET /key"),

  that(OAuth.createAuthCode, { callback_url: "https://a.example/b?c=d", limit: 1 }, "POST /auth/keys/code", {
    callback_url: "https://a.example/b?c=d",
    limit: 1
  }),
  that(OAuth.exchangeAuthCodeForAPIKey, { code: "c1", code_verifier: "v" }, "POST /auth/keys", {
    code: "c1",
    code_verifier: "v"
  }),
  that(OAuth.createOauthToken, exchange, "POST /oauth/token", exchange),
  that(OAuth.listOauthJwks, undefined, "GET /oauth/jwks"),

  that(Byok.list, { provider: "anthropic", limit: 2 }, "GET /byok?limit=2&provider=anthropic"),
  that(Byok.create, { provider: "openai", key: "sk-1", is_required: true }, "POST /byok", {
    provider: "openai",
    key: "sk-1",
    is_required: true
  }),
  that(Byok.get, { id: "b1" }, "GET /byok/b1"),
  that(Byok.update, { id: "b1", name: null, is_byok_only: false }, "PATCH /byok/b1", {
    name: null,
    is_byok_only: false
  }),
  that(Byok.delete, { id: "b1" }, "DELETE /byok/b1"),

  that(Files.list, { limit: 2, order: "asc" }, "GET /files?limit=2&order=asc"),
  that(
    Files.upload,
    { file: { content: "hello", fileName: "a \"b\".txt" }, workspace_id: "w1" },
    "POST /files?workspace_id=w1",
    { file: "a \"b\".txt: hello" }
  ),
  that(Files.retrieve, { file_id: "f1", provider: "openai" }, "GET /files/f1?provider=openai"),
  that(Files.download, { file_id: "f1", workspace_id: "w1" }, "GET /files/f1/content?workspace_id=w1"),
  that(Files.delete, { file_id: "f1" }, "DELETE /files/f1"),
  that(Containers.listContainerFiles, { container_id: "c1", limit: 2 }, "GET /containers/c1/files?limit=2"),
  that(Containers.getContainerFile, file, "GET /containers/cntr%201/files/file%2F1"),
  that(Containers.downloadContainerFileContent, file, "GET /containers/cntr%201/files/file%2F1/content"),
  that(Containers.promoteContainerFile, file, "POST /containers/cntr%201/files/file%2F1/promote"),

  that(Guardrails.list, { workspace_id: "w1", limit: 2 }, "GET /guardrails?limit=2&workspace_id=w1"),
  that(Guardrails.create, { name: "G", allowed_data_regions: ["us"] }, "POST /guardrails", {
    name: "G",
    allowed_data_regions: ["us"]
  }),
  that(Guardrails.get, { id: "g1" }, "GET /guardrails/g1"),
  that(Guardrails.update, { id: "g1", enforce_zdr: true }, "PATCH /guardrails/g1", { enforce_zdr: true }),
  that(Guardrails.delete, { id: "g1" }, "DELETE /guardrails/g1"),
  that(Guardrails.listKeyAssignments, { offset: 1 }, "GET /guardrails/assignments/keys?offset=1"),
  that(Guardrails.listMemberAssignments, { limit: 1 }, "GET /guardrails/assignments/members?limit=1"),
  that(Guardrails.listGuardrailKeyAssignments, { id: "g1", offset: 1 }, "GET /guardrails/g1/assignments/keys?offset=1"),
  that(
    Guardrails.listGuardrailMemberAssignments,
    { id: "g1", limit: 1 },
    "GET /guardrails/g1/assignments/members?limit=1"
  ),
  that(Guardrails.bulkAssignKeys, { id: "g1", key_hashes: ["h"] }, "POST /guardrails/g1/assignments/keys", {
    key_hashes: ["h"]
  }),
  that(Guardrails.bulkUnassignKeys, { id: "g1", key_hashes: ["h"] }, "POST /guardrails/g1/assignments/keys/remove", {
    key_hashes: ["h"]
  }),
  that(Guardrails.bulkAssignMembers, { id: "g1", member_user_ids: ["u"] }, "POST /guardrails/g1/assignments/members", {
    member_user_ids: ["u"]
  }),
  that(
    Guardrails.bulkUnassignMembers,
    { id: "g1", member_user_ids: ["u"] },
    "POST /guardrails/g1/assignments/members/remove",
    { member_user_ids: ["u"] }
  ),

  that(Observability.list, { offset: 1 }, "GET /observability/destinations?offset=1"),
  that(Observability.create, destination, "POST /observability/destinations", destination),
  that(Observability.get, { id: "d1" }, "GET /observability/destinations/d1"),
  that(Observability.update, { id: "d1", enabled: false }, "PATCH /observability/destinations/d1", { enabled: false }),
  that(Observability.delete, { id: "d1" }, "DELETE /observability/destinations/d1")
]
