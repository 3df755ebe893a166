import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { makeClient } from "./effectAlone.js"

export const client = makeClient(FetchHttpClient.layer)
