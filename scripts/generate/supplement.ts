/**
 * What operations.ts says of the document's operations, for those of supplement.json: the ones that the document has no
 * more, and the ones that the official SDK (1.3.19) has and the document not yet. When the document gets one, the
 * generator refuses its path in supplement.json; its entry then belongs into operations.ts.
 */
import type { Operation } from "./operations.js"

export const supplementary: Readonly<Record<string, Operation>> = {
  createCompletions: {
    name: "completions.generate",
    doc: "Goes on with a prompt, by the old API without messages, and answers with the whole text.",
    operation: "text_completion",
    stream: {
      protocol: "completions",
      event: "CompletionChunk",
      doc: "Goes on with a prompt, by the old API without messages, and streams the text as it is written."
    }
  },
  getParameters: {
    name: "parameters.get",
    doc: "Lists the request parameters that a model supports, with any provider or with one."
  },
  createSystemone: {
    name: "systemOne.create",
    doc:
      "Asks a model typed questions about a state, and gets a choice, a score or a number between no and yes for each.",
    repeatable: true
  },
  createApiAlphaDecisions: {
    name: "decisions.create",
    doc: "Asks a model typed questions about a state, through the router for decisions, which is still in alpha.",
    repeatable: true
  },

  // --- interns ---
  listInterns: { name: "interns.listInterns", doc: "Lists the interns that the key can see, the newest first." },
  createIntern: {
    name: "interns.createIntern",
    doc: "Creates an intern with a vault of its own; with an `Idempotency-Key` header it can be repeated."
  },
  getIntern: { name: "interns.getIntern", doc: "Reads the state and the settings of one intern." },
  updateIntern: { name: "interns.updateIntern", doc: "Changes the settings of an intern that are given." },
  deleteIntern: { name: "interns.deleteIntern", doc: "Starts to take down an intern, its machine and its vault." },
  provisionIntern: { name: "interns.provisionIntern", doc: "Starts the machine of an intern, or wakes it up again." },
  suspendIntern: {
    name: "interns.suspendIntern",
    doc: "Stops the machine of an intern, which keeps its disk and its settings."
  },
  createInternChatCompletion: {
    name: "interns.chat",
    doc:
      "Sends a message to an intern and streams what it does; or, where it is at work in that session already, says so.",
    operation: "chat",
    repeatable: false,
    stream: { protocol: "interns", event: "InternChatEvent" }
  },

  // --- vault ---
  listVaultSecrets: {
    name: "vault.listVaultSecrets",
    doc: "Lists the secrets of the workspace, without their values."
  },
  storeVaultSecret: {
    name: "vault.storeVaultSecret",
    doc: "Stores a secret of the workspace and the hosts that may get to see it."
  },
  deleteVaultSecret: { name: "vault.deleteVaultSecret", doc: "Deletes a secret of the workspace." },
  listInternVaultSecrets: {
    name: "vault.listInternVaultSecrets",
    doc: "Lists the secrets of one intern, without their values."
  },
  storeInternVaultSecret: {
    name: "vault.storeInternVaultSecret",
    doc: "Stores a secret of one intern and the hosts that may get to see it."
  },
  deleteInternVaultSecret: { name: "vault.deleteInternVaultSecret", doc: "Deletes a secret of one intern." },
  copyVaultSecretsToIntern: {
    name: "vault.copyVaultSecretsToIntern",
    doc: "Copies secrets of the workspace to one intern: all of them, or none.",
    repeatable: true
  },

  // --- containers ---
  listContainerFiles: {
    name: "containers.listContainerFiles",
    doc: "Lists the files that a model left in its container."
  },
  getContainerFile: {
    name: "containers.getContainerFile",
    doc: "Reads where a file lies in its container, and its size."
  },
  downloadContainerFileContent: {
    name: "containers.downloadContainerFileContent",
    doc: "Downloads a file of a container as a stream of bytes."
  },
  promoteContainerFile: {
    name: "containers.promoteContainerFile",
    doc: "Keeps a file of a container among the uploaded files, where it outlives the container."
  },

  // --- organization ---
  createOauthToken: {
    name: "oAuth.createOauthToken",
    doc: "Exchanges a token of your own identity provider for one that is valid here for a short time.",
    auth: "none",
    repeatable: true
  },
  listOauthJwks: {
    name: "oAuth.listOauthJwks",
    doc: "Reads the public keys that tokens of OpenRouter are signed with.",
    auth: "none"
  },
  createScimSyncJob: {
    name: "scim.createSyncJob",
    doc: "Starts a job that brings the groups of the identity provider over."
  },
  getScimSyncJob: { name: "scim.getSyncJob", doc: "Reads how far a synchronization of groups has come." }
}
