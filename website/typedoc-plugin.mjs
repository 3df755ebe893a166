// @ts-check
/** Takes out of the API reference what readers do not need, and writes the names of categories as titles. */
import {
  Converter,
  IntersectionType,
  IntrinsicType,
  ReferenceType,
  ReflectionFlag,
  ReflectionKind,
  UnionType
} from "typedoc"

/** `string & {}` lets editors suggest the literals beside it. Readers see `string`. */
const isOpenString = (type) =>
  type instanceof IntersectionType && type.types.some((each) => each instanceof IntrinsicType && each.name === "string")

/** A type that no value has: its text is advice in messages of the compiler. */
const isHint = (type) =>
  type instanceof IntersectionType && type.types.some((each) => each instanceof ReferenceType && each.name === "Hint")

const simpler = (type) => {
  if (!(type instanceof UnionType)) return type
  const types = type.types.filter((each) => !isHint(each))
    .map((each) => isOpenString(each) ? new IntrinsicType("string") : each)
  return types.length === 1 ? types[0] : new UnionType(types)
}

const title = (name) => name.charAt(0).toUpperCase() + name.slice(1)

/** A schema has the name of its type, and shows nothing that the type does not. */
const isSchemaOfType = (reflection) =>
  reflection.kindOf(ReflectionKind.Variable) &&
  reflection.parent?.name.startsWith("schema/") &&
  reflection.parent.children.some((each) =>
    each !== reflection && each.name === reflection.name &&
    each.kindOf(ReflectionKind.Interface | ReflectionKind.TypeAlias)
  )

/** Users do not make errors of the library, and the fields of an error are its properties. */
const isConstructorOfError = (reflection) =>
  reflection.kindOf(ReflectionKind.Constructor) && reflection.parent?.name.endsWith("Error")

export const load = (app) => {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (isSchemaOfType(reflection) || isConstructorOfError(reflection)) project.removeReflection(reflection)
    }
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.kindOf(ReflectionKind.Property)) {
        // Every property is
        reflection.setFlag(ReflectionFlag.Readonly, false)
        reflection.type = simpler(reflection.type)
      }
      if (reflection.kindOf(ReflectionKind.Class)) delete reflection.extendedTypes
    }
  })
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      delete reflection.inheritedFrom
      for (const category of reflection.categories ?? []) category.title = title(category.title)
    }
  }, -1000)
}
