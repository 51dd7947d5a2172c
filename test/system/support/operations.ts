/** One operation of the product, as its OpenAPI document names it. */
export interface Operation {
  /** Such as `GET /api/images/{id}`. */
  name: string;
  method: string;
  path: string;
  /** What a caller must be allowed; null for open routes. */
  permission: string | null;
  /** Whether strangers pass, though they may see less. */
  isOpen: boolean;
  /** The name of the schema of its JSON body, null where it takes none. */
  bodySchema: string | null;
  /** The media types of the bodies that it takes. */
  bodyTypes: string[];
  /** Whether its JSON body comes with an example. */
  hasExample: boolean;
}

interface DescribedOperation {
  security?: Record<string, string[]>[];
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
}

interface DescribedApi {
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Record<string, DescribedSchema> };
}

interface DescribedSchema {
  examples?: unknown[];
  required?: string[];
  properties?: Record<string, DescribedSchema>;
}

/** Everything that the running product says it can do. */
export async function readOperations(url: string): Promise<Operation[]> {
  const answer = await fetch(`${url}/openapi.json`);
  const { paths, components } = (await answer.json()) as DescribedApi;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, described]) =>
      describeOperation(components.schemas, path, method.toUpperCase(), described),
    ),
  );
}

function describeOperation(
  schemas: DescribedApi["components"]["schemas"],
  path: string,
  method: string,
  described: DescribedOperation,
): Operation {
  const { security = [{}], requestBody } = described;
  const [permission = null] = security.flatMap((scheme) => scheme.accessToken ?? []);
  const isOpen = security.some((scheme) => Object.keys(scheme).length === 0);
  const reference = requestBody?.content["application/json"]?.schema.$ref;
  const bodySchema = reference?.split("/").at(-1) ?? null;
  const bodyTypes = Object.keys(requestBody?.content ?? {});
  const hasExample = showsExample(schemas[bodySchema ?? ""]);
  return { name: `${method} ${path}`, method, path, permission, isOpen, bodySchema, bodyTypes, hasExample };
}

/** An example of the whole, or of every field that it must have. */
function showsExample(schema: DescribedSchema | undefined): boolean {
  if (schema?.examples !== undefined) return true;
  const { required = [], properties = {} } = schema ?? {};
  return required.length > 0 && required.every((name) => properties[name]?.examples !== undefined);
}

/** The path with its `{parameters}` filled in. */
export function fillPath(path: string, parameters: Record<string, string>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`${path} needs a value for ${name}.`);
    return value;
  });
}

/** The path with something in place of every parameter. */
export function anyPath(path: string): string {
  return path.replaceAll(/\{\w+\}/g, () => crypto.randomUUID());
}

/**
 * Here what stands in the path is random and the right to read at once: whoever could sign in as an erasure's owner is
 * gone, and a share is for whoever holds its address.
 */
export const OPENED_BY_THEIR_PATH = ["GET /api/erasures/{id}", "GET /s/{token}"];

export function isAdministrative({ path }: Operation): boolean {
  return path.startsWith("/api/admin/");
}
