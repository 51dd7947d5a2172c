import { useState } from "react";
import { leaveSession } from "../../api/session.ts";
import { Field } from "../../ui/field.tsx";
import { Section } from "../../ui/section.tsx";
import { useForm } from "../../ui/use-form.ts";
import { eraseAccount } from "./account.api.ts";

/** The end of the account. The button works when the address is typed: so nobody is here by mistake. */
export function DeleteAccount({ email }: { email: string }) {
  const [typed, setTyped] = useState("");
  const isMeant = typed.trim().toLowerCase() === email;
  const { send, isSending, errorOf, general } = useForm({
    fields: ["currentPassword"],
    submit: (form) => eraseAccount(String(form.get("currentPassword"))),
    onAccepted: () => leaveSession("Your account is deleted. What is left of it is being erased."),
  });

  return (
    <Section title="Delete account">
      <p className="quiet">
        Deletes you, your photos, files, sessions and keys within ten minutes. This cannot be taken back.
      </p>
      <form className="section-form" onSubmit={send} noValidate>
        <Field
          label={`Type ${email} to go on`}
          type="email"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Field
          label="Your password"
          name="currentPassword"
          type="password"
          autoComplete="current-password"
          error={errorOf("currentPassword")}
        />
        <p className="refusal" role="alert">
          {general}
        </p>
        <button className="button plain refusal" type="submit" disabled={!isMeant || isSending}>
          Delete account
        </button>
      </form>
    </Section>
  );
}
