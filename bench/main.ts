/**
 * `npm run bench`: compares this library with other clients. Each client does the same work against one server on this
 * machine, in a process of its own.
 *
 * Arguments: names of scenarios and probes, or `cold` (default: all of them). `--clients fetch,openai` selects clients by
 * parts of their names; `--with <file of a client>` adds a client, for example of another checkout; `--reps <n>` sets the
 * repetitions; `--quick` gives a first impression; `--write` renews the page, the chart and README.
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
  throw new Error("bench: --write needs all scenarios and clients; leave out their names, or leave out --write")
}
const reps = Number(values.reps ?? (values.quick ? 2 : 7))

const cold = { cold: true }
const unknown = positionals.filter((name) => !(name in { ...scenarios, ...Probes.probes, ...cold }))
if (unknown.length > 0) throw new Error(`bench: unknown scenario or probe: ${unknown.join(", ")}`)

// An object literal has exactly the keys of its type
const keysOf = <Name extends string>(all: { readonly [_ in Name]: unknown }) => Object.keys(all) as Array<Name>

/** The names in `all` that the arguments select. */
const selected = <Name extends string>(all: { readonly [_ in Name]: unknown }): ReadonlyArray<Name> =>
  keysOf(all).filter((name) => positionals.length === 0 || positionals.includes(name))

const [server, { port }] = await start<{ readonly port: number }>("server.ts")
const origin = `http://127.0.0.1:${port}`
const tables: Array<Table> = []
if (selected(scenarios).length > 0) {
  tables.push(...await Ratios.measure(origin, measured, selected(scenarios), reps, values.quick ? 0.25 : 1))
}
if (selected(Probes.probes).length > 0) {
  tables.push(await Probes.measure(origin, measured, selected(Probes.probes), values.quick))
}
server.disconnect()
if (selected(cold).length > 0) tables.push(await Cold.measure(reps))
if (values.write) write(tables, reps)
