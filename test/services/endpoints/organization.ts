import { Interns, Organization, Scim, Vault, Workspaces } from "effect-openrouter"
import { type Case, that } from "./case.js"

const secret = { hosts: ["api.github.com"], value: "ghp_1" }

const mapping = { role: "member", scim_group_id: "s1", workspace_id: "w1" } as const

export const organization: ReadonlyArray<Case> = [
  that(Organization.listMembers, { offset: 1, limit: 2 }, "GET /organization/members?offset=1&limit=2"),
  that(Scim.listGroups, { limit: 1 }, "GET /scim/groups?limit=1"),
  that(Scim.listMappings, { offset: 1 }, "GET /scim/group-mappings?offset=1"),
  that(Scim.create, mapping, "POST /scim/group-mappings", mapping),
  that(Scim.read, { id: "m1" }, "GET /scim/group-mappings/m1"),
  that(Scim.update, { id: "m1", role: "admin" }, "PATCH /scim/group-mappings/m1", { role: "admin" }),
  that(Scim.delete, { id: "m1", keep_members: false }, "DELETE /scim/group-mappings/m1?keep_members=false"),
  that(Scim.createSyncJob, undefined, "POST /scim/sync-jobs"),
  that(Scim.getSyncJob, { id: "j1" }, "GET /scim/sync-jobs/j1"),

  that(Workspaces.list, { offset: 1 }, "GET /workspaces?offset=1"),
  that(Workspaces.create, { name: "W", slug: "w", disabled_server_tools: ["openrouter:bash"] }, "POST /workspaces", {
    name: "W",
    slug: "w",
    disabled_server_tools: ["openrouter:bash"]
  }),
  that(Workspaces.get, { id: "w 1" }, "GET /workspaces/w%201"),
  that(Workspaces.update, { id: "w1", description: null }, "PATCH /workspaces/w1", { description: null }),
  that(
    Workspaces.delete,
    { id: "w1", confirm_default_workspace_deletion: true },
    "DELETE /workspaces/w1?confirm_default_workspace_deletion=true"
  ),
  that(Workspaces.listBudgets, { id: "w1" }, "GET /workspaces/w1/budgets"),
  that(Workspaces.getBudget, { id: "w1", interval: "daily" }, "GET /workspaces/w1/budgets/daily"),
  that(Workspaces.setBudget, { id: "w1", interval: "monthly", limit_usd: 50 }, "PUT /workspaces/w1/budgets/monthly", {
    limit_usd: 50
  }),
  that(Workspaces.deleteBudget, { id: "w1", interval: "weekly" }, "DELETE /workspaces/w1/budgets/weekly"),
  that(Workspaces.listMembers, { id: "w1", limit: 1 }, "GET /workspaces/w1/members?limit=1"),
  that(Workspaces.bulkAddMembers, { id: "w1", user_ids: ["u"] }, "POST /workspaces/w1/members/add", {
    user_ids: ["u"]
  }),
  that(Workspaces.bulkRemoveMembers, { id: "w1", user_ids: ["u"] }, "POST /workspaces/w1/members/remove", {
    user_ids: ["u"]
  }),

  that(
    Interns.listInterns,
    { status: ["running", "queued"], limit: 2, workspace_id: "w1" },
    "GET /interns?status=running,queued&limit=2&workspace_id=w1"
  ),
  that(Interns.createIntern, { name: "Ada", provision: true }, "POST /interns", { name: "Ada", provision: true }),
  that(Interns.getIntern, { internId: "i/1" }, "GET /interns/i%2F1"),
  that(Interns.updateIntern, { internId: "i1", model: null }, "PATCH /interns/i1", { model: null }),
  that(Interns.deleteIntern, { internId: "i1", acknowledge_workspace_loss: true }, "DELETE /interns/i1", {
    acknowledge_workspace_loss: true
  }),
  that(Interns.provisionIntern, { internId: "i1" }, "POST /interns/i1/provision"),
  that(Interns.suspendIntern, { internId: "i1" }, "POST /interns/i1/suspend"),

  that(Vault.listVaultSecrets, { limit: 2, offset: 4 }, "GET /vault/secrets?limit=2&offset=4"),
  that(Vault.storeVaultSecret, { name: "A B", ...secret }, "PUT /vault/secrets/A%20B", secret),
  that(Vault.deleteVaultSecret, { name: "A" }, "DELETE /vault/secrets/A"),
  that(Vault.listInternVaultSecrets, { internId: "i1", offset: 1 }, "GET /vault/interns/i1/secrets?offset=1"),
  that(
    Vault.storeInternVaultSecret,
    { internId: "i1", name: "A", ...secret },
    "PUT /vault/interns/i1/secrets/A",
    secret
  ),
  that(Vault.deleteInternVaultSecret, { internId: "i1", name: "A" }, "DELETE /vault/interns/i1/secrets/A"),
  that(Vault.copyVaultSecretsToIntern, { internId: "i1", names: ["A"] }, "POST /vault/interns/i1/secrets/copy", {
    names: ["A"]
  })
]
