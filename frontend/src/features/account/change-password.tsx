import { useState } from "react";
import type { PasswordChanged } from "../../../../shared/contracts/users.ts";
import { Field } from "../../ui/field.tsx";
import { Section } from "../../ui/section.tsx";
import { useForm } from "../../ui/use-form.ts";
import { changePassword } from "./account.api.ts";

interface ChangePasswordProps {
  email: string;
  /** Called when it is done: the other devices are signed out by it. */
  onChanged(): void;
}

export function ChangePassword({ email, onChanged }: ChangePasswordProps) {
  const [message, setMessage] = useState("");
  const { send, isSending, errorOf, general } = useForm({
    fields: ["currentPassword", "newPassword"],
    submit: (form) => {
      setMessage("");
      return changePassword({
        currentPassword: String(form.get("currentPassword")),
        newPassword: String(form.get("newPassword")),
      });
    },
    onAccepted: (changed, form) => {
      form.reset();
      setMessage(sentenceOf(changed));
      onChanged();
    },
  });

  return (
    <Section title="Password">
      <p className="quiet">A new password signs your other devices out. API keys go on.</p>
      <form className="section-form" onSubmit={send} noValidate>
        {/* Tells password managers whose password this is. */}
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <Field
          label="Current password"
          name="currentPassword"
          type="password"
          autoComplete="current-password"
          error={errorOf("currentPassword")}
        />
        <Field
          label="New password"
          name="newPassword"
          type="password"
          autoComplete="new-password"
          error={errorOf("newPassword")}
          hint="At least 8 characters."
        />
        <p className="refusal" role="alert">
          {general}
        </p>
        <button className="button" type="submit" disabled={isSending}>
          Change password
        </button>
      </form>
      <p role="status">{message}</p>
    </Section>
  );
}

function sentenceOf({ endedSessions, warning }: PasswordChanged): string {
  const devices =
    endedSessions === 1 ? "One other device was signed out." : `${endedSessions} other devices were signed out.`;
  const changed = endedSessions === 0 ? "Your password is changed." : `Your password is changed. ${devices}`;
  return warning === undefined ? changed : `${changed} ${warning}`;
}
