import {
  annotated,
  type Building,
  eachItem,
  eachValue,
  type Form,
  isObject,
  type Json,
  listAt,
  orNull,
  partBegins,
  type Path,
  readingTexts,
  Refusal,
  textAt
} from "./jsonForm.js"

interface Field {
  readonly form: Form
  readonly optional: boolean
  /** Null represents a missing value here, and has no other meaning. */
  readonly nullIsAbsent: boolean
}

/** The schema of the values under keys that an object does not list; `false` when it allows no other keys. */
const others = (json: Json, path: Path): unknown => {
  const patterns = json["patternProperties"]
  if (isObject(patterns)) {
    const [schema, ...more] = Object.values(patterns)
    if (more.length === 0 && schema !== undefined) return schema
    throw new Refusal(path, "an object has keys of several patterns")
  }
  const additional = json["additionalProperties"]
  return additional === undefined ? !Object.hasOwn(json, "properties") : additional
}

/** @internal */
export const object = (json: Json, path: Path, building: Building): Form => {
  const properties = isObject(json["properties"]) ? json["properties"] : {}
  const rest = others(json, path)
  if (rest === false) return struct(json, properties, undefined, path, building)
  if (Object.keys(properties).length === 0 && rest !== true) {
    const value = building.form(rest, [...path, "[key]"])
    return building.strict ? entries(json, value, path, building) : struct(json, {}, value, path, building)
  }
  if (building.strict) {
    throw new Refusal(
      path,
      rest === true
        ? "an object allows any keys"
        : "an object allows other keys beside its properties; put them into a record",
      true
    )
  }
  return struct(json, properties, building.form(rest, [...path, "[key]"]), path, building)
}

const struct = (json: Json, properties: Json, rest: Form | undefined, path: Path, building: Building): Form => {
  const required = listAt(json, "required")
  const fields = new Map(
    Object.entries(properties).map(([name, schema]): [string, Field] => {
      const optional = !required.includes(name)
      const nullIsAbsent = optional && !building.acceptsNull(schema)
      return [name, { form: building.form(schema, [...path, name]), optional, nullIsAbsent }]
    })
  )
  const shown = ({ form, nullIsAbsent }: Field) => building.strict && nullIsAbsent ? orNull(form.schema) : form.schema
  const schema = {
    type: "object",
    properties: Object.fromEntries([...fields].map(([name, field]) => [name, shown(field)])),
    required: building.strict ? [...fields.keys()] : required,
    additionalProperties: rest === undefined ? false : rest.schema,
    ...(building.strict || json["propertyNames"] === undefined ? {} : { propertyNames: json["propertyNames"] })
  }
  return {
    schema: annotated(schema, json, building.strict),
    accepts: (value, loosely) =>
      isObject(value) &&
      [...fields].every(([name, { form, nullIsAbsent, optional }]) =>
        Object.hasOwn(value, name)
          ? (nullIsAbsent && value[name] === null) || form.accepts(value[name], loosely)
          : optional
      ) &&
      Object.keys(value).every((key) =>
        fields.has(key) || (rest === undefined ? loosely : rest.accepts(value[key], loosely))
      ),
    restore: (value, within) =>
      isObject(value)
        ? Object.fromEntries(
          Object.entries(value).flatMap(([key, item]) => {
            const field = fields.get(key)
            if (field?.nullIsAbsent === true && item === null) return []
            const form = field?.form ?? rest
            const restored = form === undefined ? within.anything(item) : within.restore(form, item)
            return restored === undefined ? [] : [[key, restored]]
          })
        )
        : value,
    begins: (value, loosely) =>
      isObject(value) &&
      Object.entries(value).every(([key, item]) => {
        const field = fields.get(key)
        if (field?.nullIsAbsent === true && item === null) return true
        const form = field?.form ?? rest
        return form === undefined ? loosely : partBegins(form, item, loosely)
      }),
    readTexts: readingTexts(isObject, (value) =>
      isObject(value)
        ? eachValue(value, (item, key) => (fields.get(key)?.form ?? rest)?.readTexts(item) ?? item)
        : value)
  }
}

/** A record as the list of its entries, because strict mode has no records. */
const entries = (json: Json, value: Form, path: Path, building: Building): Form => {
  const key = building.form(isObject(json["propertyNames"]) ? json["propertyNames"] : { type: "string" }, path)
  const entry = { key: key.schema, value: value.schema }
  const schema = {
    type: "array",
    items: { type: "object", properties: entry, required: ["key", "value"], additionalProperties: false }
  }
  const isEntry = (item: unknown): item is { readonly key: string; readonly value: unknown } =>
    isObject(item) && typeof item["key"] === "string" && Object.hasOwn(item, "value")
  return {
    schema: annotated(schema, { ...json, description: textAt(json, "description") ?? "one entry for each key" }, true),
    accepts: (record, loosely) =>
      Array.isArray(record)
        ? record.every((item) => isEntry(item) && key.accepts(item.key, loosely) && value.accepts(item.value, loosely))
        : loosely && isObject(record) && Object.values(record).every((item) => value.accepts(item, loosely)),
    restore: (record, within) => {
      const restored = (entries: ReadonlyArray<readonly [key: string, item: unknown]>) =>
        Object.fromEntries(entries.flatMap(([key, item]) => {
          const found = within.restore(value, item)
          return found === undefined ? [] : [[key, found]]
        }))
      if (isObject(record)) return restored(Object.entries(record))
      if (!Array.isArray(record)) return record
      // The key of an entry may grow as long as it is the last field
      const isReady = (item: unknown) => isEntry(item) && !(within.isOpen(item) && Object.keys(item).at(-1) === "key")
      const items = within.isOpen(record) && !isReady(record.at(-1)) ? record.slice(0, -1) : record
      return items.every(isEntry) ? restored(items.map((item) => [item.key, item.value])) : record
    },
    begins: (record, loosely) =>
      Array.isArray(record)
        ? record.length === 0 || isObject(record[0]) && Object.keys(record[0]).every((key) => Object.hasOwn(entry, key))
        : loosely && isObject(record),
    readTexts: readingTexts((record) => isObject(record) || Array.isArray(record), (record) => {
      if (isObject(record)) return eachValue(record, value.readTexts)
      return Array.isArray(record)
        ? eachItem(
          record,
          (item) => isObject(item) ? eachValue(item, (at, key) => key === "value" ? value.readTexts(at) : at) : item
        )
        : record
    })
  }
}

/** @internal */
export const array = (json: Json, path: Path, building: Building): Form => {
  const inItems = Array.isArray(json["items"])
  const first = inItems ? listAt(json, "items") : listAt(json, "prefixItems")
  const rest = inItems ? json["additionalItems"] : json["items"]
  if (first.length > 0) {
    return building.strict ? numbered(json, first, rest, path, building) : tuple(json, first, rest, path, building)
  }
  if (json["maxItems"] === 0) return list(json, { type: "null" }, path, building)
  return list(json, rest, path, building)
}

const list = (json: Json, items: unknown, path: Path, building: Building): Form => {
  const item = building.form(items, [...path, "[]"])
  return {
    schema: annotated({ type: "array", items: item.schema }, json, building.strict),
    accepts: (value, loosely) => Array.isArray(value) && value.every((value) => item.accepts(value, loosely)),
    restore: (value, within) =>
      Array.isArray(value) ? untilUndecided(value.map((value) => within.restore(item, value))) : value,
    begins: (value, loosely) => Array.isArray(value) && (value.length === 0 || item.begins(value[0], loosely)),
    readTexts: readingTexts(Array.isArray, (value) => Array.isArray(value) ? eachItem(value, item.readTexts) : value)
  }
}

/** Only the last item of a list can be too short to say what it becomes. */
const untilUndecided = (items: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  items.length > 0 && items.at(-1) === undefined ? items.slice(0, -1) : items

const tuple = (json: Json, first: ReadonlyArray<unknown>, rest: unknown, path: Path, building: Building): Form => {
  const forms = first.map((schema, index) => building.form(schema, [...path, String(index)]))
  const others = rest === undefined || rest === false ? undefined : building.form(rest, [...path, "[]"])
  const least = typeof json["minItems"] === "number" ? json["minItems"] : 0
  const at = (index: number) => forms[index] ?? others
  return {
    schema: annotated(
      {
        type: "array",
        prefixItems: forms.map((form) => form.schema),
        items: others === undefined ? false : others.schema
      },
      json,
      building.strict
    ),
    accepts: (value, loosely) =>
      Array.isArray(value) && value.length >= least &&
      value.every((item, index) => at(index)?.accepts(item, loosely) ?? false),
    restore: (value, within) =>
      Array.isArray(value)
        ? untilUndecided(value.map((item, index) => {
          const form = at(index)
          return form === undefined ? within.anything(item) : within.restore(form, item)
        }))
        : value,
    begins: (value, loosely) =>
      Array.isArray(value) && value.slice(0, forms.length).every((item, index) => {
        const form = at(index)
        return form !== undefined && partBegins(form, item, loosely)
      }),
    readTexts: readingTexts(
      Array.isArray,
      (value) => Array.isArray(value) ? eachItem(value, (item, index) => at(index)?.readTexts(item) ?? item) : value
    )
  }
}

/**
 * A tuple as an object with a key for each position and `rest` for the other elements, because strict mode has no
 * tuples.
 */
const numbered = (json: Json, first: ReadonlyArray<unknown>, rest: unknown, path: Path, building: Building): Form => {
  const least = typeof json["minItems"] === "number" ? json["minItems"] : 0
  const hasRest = rest !== undefined && rest !== false
  const properties = {
    ...Object.fromEntries(first.entries()),
    ...(hasRest ? { rest: { type: "array", items: rest } } : {})
  }
  const required = [...first.keys()].map(String).slice(0, least)
  const inner = struct(
    { required: hasRest ? [...required, "rest"] : required },
    properties,
    undefined,
    path,
    building
  )
  const asArray = tuple({ ...json, minItems: least }, first, rest, path, building)
  return {
    schema: annotated(inner.schema, json, building.strict, false),
    accepts: (value, loosely) =>
      Array.isArray(value) ? loosely && asArray.accepts(value, loosely) : inner.accepts(value, loosely),
    restore: (value, within) => {
      if (!isObject(value)) return asArray.restore(value, within)
      const restored = inner.restore(value, within)
      if (!isObject(restored)) return value
      const missing = first.findIndex((_, index) => !Object.hasOwn(restored, String(index)))
      const items = (missing === -1 ? first : first.slice(0, missing)).map((_, index) => restored[String(index)])
      return [...items, ...(missing === -1 ? listAt(restored, "rest") : [])]
    },
    begins: (value, loosely) =>
      Array.isArray(value) ? loosely && asArray.begins(value, loosely) : inner.begins(value, loosely),
    readTexts: readingTexts(
      (value) => isObject(value) || Array.isArray(value),
      (value) => isObject(value) ? inner.readTexts(value) : asArray.readTexts(value)
    )
  }
}
