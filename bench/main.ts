/**
 * `npm run bench`: this library beside the clients that people use today, doing the same work against one server on this
 * machine, each client in a process of its own.
 *
 * Arguments: names of scenarios and probes, or `cold` (everything where none is named); `--clients fetch,openai` takes the
 * clients with one of these parts in their names; `--with <file of a client>` adds one, as of another checkout;
 * `--reps <n>`; `--quick` for a first look; `--write` renews the page, the chart and README.
 */
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { clients, raw } from "./clients.js"
import * as Cold from "./cold.js"
import { write } from "./page.js"
import * as Probes from "./probes.js"
import { start } from "./processes.js"
import * as Ratios from "./ratios.js"
import type { Table } from "./report.js"
import { scenarios } from "./scenarios.js"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: "string", default: "" },
    with: { type: "string", multiple: true, default: [] },
    reps: { type: "string" },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false }
  }
})

const parts = values.clients.split(",").filter((part) => part !== "")
const measured = [
  ...clients.filter(([name]) => name === raw || parts.length === 0 || parts.some((part) => name.includes(part))),
  ...values.with.map((path) => [path, resolve(path)] as const)
]
if (values.write && (positionals.length > 0 || measured.length !== clients.length)) {
  throw new Error("--write is for everything: without it, measure as little as you like")
}
const reps = Number(values.reps ?? (values.quick ? 2 : 7))

const cold = { cold: true }
const unknown = positionals.filter((name) => !(name in { ...scenarios, ...Probes.probes, ...cold }))
if (unknown.length > 0) throw new Error(`nothing is called ${unknown.join(" or ")}`)

// An object that is written out has the keys that its type says
const keysOf = <Name extends string>(all: { readonly [_ in Name]: unknown }) => Object.keys(all) as Array<Name>

/** The names of `all` that were asked for. */
const asked = <Name extends string>(all: { readonly [_ in Name]: unknown }): ReadonlyArray<Name> =>
  keysOf(all).filter((name) => positionals.length === 0 || positionals.includes(name))

const [server, { port }] = await start<{ readonly port: number }>("server.ts")
const origin = `http://127.0.0.1:${port}`
const tables: Array<Table> = []
if (asked(scenarios).length > 0) {
  tables.push(...await Ratios.measure(origin, measured, asked(scenarios), reps, values.quick ? 0.25 : 1))
}
if (asked(Probes.probes).length > 0) {
  tables.push(await Probes.measure(origin, measured, asked(Probes.probes), values.quick))
}
server.disconnect()
if (asked(cold).length > 0) tables.push(await Cold.measure(reps))
if (values.write) write(tables, reps)
