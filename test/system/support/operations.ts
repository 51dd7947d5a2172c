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
}

interface DescribedOperation {
  security?: Record<string, string[]>[];
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
}

/** Everything that the running product says it can do. */
export async function readOperations(url: string): Promise<Operation[]> {
  const answer = await fetch(`${url}/openapi.json`);
  const document = (await answer.json()) as { paths: Record<string, Record<string, DescribedOperation>> };
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, described]) => describeOperation(path, method.toUpperCase(), described)),
  );
}

function describeOperation(path: string, method: string, described: DescribedOperation): Operation {
  const { security = [{}], requestBody } = described;
  const [permission = null] = security.flatMap((scheme) => scheme.accessToken ?? []);
  const isOpen = security.some((scheme) => Object.keys(scheme).length === 0);
  const reference = requestBody?.content["application/json"]?.schema.$ref;
  const bodySchema = reference?.split("/").at(-1) ?? null;
  return { name: `${method} ${path}`, method, path, permission, isOpen, bodySchema };
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
