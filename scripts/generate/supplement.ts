/**
 * The entries of operations.ts for the operations of supplement.json: those that the document no longer has, and those
 * that the official SDK (1.3.19) has before the document. When the document gets one of them, the generator refuses its
 * path in supplement.json. Move its entry to operations.ts then.
 */
import type { Operation } from "./operations.js"

export const supplementary: Readonly<Record<string, Operation>> = {
  createCompletions: {
    name: "completions.generate",
    doc: "Continues a prompt, by the old API without messages, and returns the whole text.",
    operation: "text_completion",
    stream: {
      protocol: "completions",
      event: "CompletionChunk",
      doc: "Continues a prompt, by the old API without messages, and streams the text."
    }
  },
  getParameters: {
    name: "parameters.get",
    doc: "Lists the request parameters that a model supports, with any provider or with one."
  },
  createSystemone: {
    name: "systemOne.create",
    doc: "Sends typed questions about a state to a model; each gets a choice, a score, or a number between no and yes.",
    paid: true
  },
  createApiAlphaDecisions: {
    name: "decisions.create",
    doc: "Sends typed questions about a state to a model, through the decisions router, which is in alpha.",
    paid: true
  },

  // --- interns ---
  listInterns: { name: "interns.listInterns", doc: "Lists the interns that the key can see, the newest first." },
  createIntern: {
    name: "interns.createIntern",
    doc: "Creates an intern with its own vault; repeatable with an `Idempotency-Key` header."
  },
  getIntern: { name: "interns.getIntern", doc: "Reads the state and the settings of one intern." },
  updateIntern: { name: "interns.updateIntern", doc: "Changes the given settings of an intern." },
  deleteIntern: { name: "interns.deleteIntern", doc: "Starts to delete an intern, its machine and its vault." },
  provisionIntern: { name: "interns.provisionIntern", doc: "Starts or resumes the machine of an intern." },
  suspendIntern: {
    name: "interns.suspendIntern",
    doc: "Stops the machine of an intern, which keeps its disk and its settings."
  },
  createInternChatCompletion: {
    name: "interns.chat",
    doc:
      "Sends a message to an intern and streams its work. An intern that already works in the session takes the message up.",
    operation: "chat",
    repeatable: false,
    stream: { protocol: "interns", event: "InternChatEvent", result: "InternResult" }
  },

  // --- vault ---
  listVaultSecrets: {
    name: "vault.listVaultSecrets",
    doc: "Lists the secrets of the workspace, without their values."
  },
  storeVaultSecret: {
    name: "vault.storeVaultSecret",
    doc: "Stores a secret of the workspace and the hosts that may receive it."
  },
  deleteVaultSecret: { name: "vault.deleteVaultSecret", doc: "Deletes a secret of the workspace." },
  listInternVaultSecrets: {
    name: "vault.listInternVaultSecrets",
    doc: "Lists the secrets of one intern, without their values."
  },
  storeInternVaultSecret: {
    name: "vault.storeInternVaultSecret",
    doc: "Stores a secret of one intern and the hosts that may receive it."
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
    doc: "Reads the path and the size of a file in its container."
  },
  downloadContainerFileContent: {
    name: "containers.downloadContainerFileContent",
    doc: "Downloads a file of a container as a stream of bytes.",
    binary: "application/octet-stream"
  },
  promoteContainerFile: {
    name: "containers.promoteContainerFile",
    doc: "Copies a file of a container to the uploaded files, so that it is kept when the container ends."
  },

  // --- organization ---
  createOauthToken: {
    name: "oAuth.createOauthToken",
    doc: "Exchanges a token of your identity provider for a short-lived token of OpenRouter.",
    auth: "none",
    repeatable: true
  },
  listOauthJwks: {
    name: "oAuth.listOauthJwks",
    doc: "Reads the public keys with which OpenRouter signs its tokens.",
    auth: "none"
  },
  createScimSyncJob: {
    name: "scim.createSyncJob",
    doc: "Starts a job that synchronizes the groups of the identity provider."
  },
  getScimSyncJob: { name: "scim.getSyncJob", doc: "Reads the progress of a synchronization of groups." }
}
