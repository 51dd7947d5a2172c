/** Names of the `[vars]` of one manifest. */
export function varsOf(service: string): string[];

/** Names of the secrets that one manifest requires. */
export function requiredSecretsOf(service: string): string[];

/** Names of the secrets that one Worker takes and does not require. */
export function optionalSecretsOf(service: string): string[];

/** What an environment says about the Workers' vars and secrets; throws one sentence about a value that cannot be used. */
export function readSettings(environment: Record<string, string | undefined>): Record<string, string>;

/** The same with the defaults of a local copy. */
export function readLocalSettings(environment: Record<string, string | undefined>): Record<string, string>;
