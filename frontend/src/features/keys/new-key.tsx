import type { CreatedKey } from "../../../../shared/contracts/keys.ts";
import { keyScopesOf, PERMISSIONS, type Role } from "../../../../shared/contracts/permissions.ts";
import { Field, SelectField } from "../../ui/field.tsx";
import { useForm } from "../../ui/use-form.ts";
import { createKey } from "./keys.ts";
import "./new-key.css";

/** How long a key may live: what the API takes, and in words. */
const LIVES = { "7d": "a week", "30d": "30 days", "90d": "90 days", "366d": "a year" } as const;

interface NewKeyProps {
  role: Role;
  onCreated(key: CreatedKey): void;
}

export function NewKey({ role, onCreated }: NewKeyProps) {
  const { send, isSending, errorOf, general } = useForm({
    fields: ["name", "expiresIn", "scopes"],
    submit: (form) =>
      createKey({
        name: String(form.get("name")),
        expiresIn: String(form.get("expiresIn")),
        scopes: keyScopesOf(role).filter((scope) => form.getAll("scopes").includes(scope)),
      }),
    onAccepted: onCreated,
  });
  const scopeError = errorOf("scopes");

  return (
    <form className="section-form" onSubmit={send} noValidate aria-label="New API key">
      <Field label="Name of a new key" name="name" autoComplete="off" error={errorOf("name")} />
      <SelectField label="Runs out after" name="expiresIn" defaultValue="90d" error={errorOf("expiresIn")}>
        {Object.entries(LIVES).map(([life, words]) => (
          <option key={life} value={life}>
            {words}
          </option>
        ))}
      </SelectField>
      <fieldset className="scope-choices" aria-describedby={scopeError && "scope-error"}>
        <legend>May</legend>
        {keyScopesOf(role).map((scope) => (
          <label key={scope}>
            <input type="checkbox" name="scopes" value={scope} />
            {PERMISSIONS[scope]}
          </label>
        ))}
        {scopeError && (
          <p className="field-note refusal" id="scope-error">
            {scopeError}
          </p>
        )}
      </fieldset>
      <p className="refusal" role="alert">
        {general}
      </p>
      <button className="button" type="submit" disabled={isSending}>
        Make a key
      </button>
    </form>
  );
}
