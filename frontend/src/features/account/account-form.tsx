import type { ReactNode } from "react";
import type { SignedInByCookie } from "../../../../shared/contracts/users.ts";
import type { Answer } from "../../api/answer.ts";
import { beginSession } from "../../api/session.ts";
import { Field } from "../../ui/field.tsx";
import { useForm } from "../../ui/use-form.ts";
import type { Credentials } from "./account.api.ts";
import "./account-form.css";

interface AccountFormProps {
  title: string;
  action: string;
  /** Tells password managers whether to fill in a password or to make one. */
  passwordIs: "current-password" | "new-password";
  passwordHint?: string;
  submit(credentials: Credentials): Promise<Answer<SignedInByCookie>>;
  /** The way to the other form. */
  children: ReactNode;
}

/** Address and password. What the server says against a field stands at that field, the rest above the button. */
export function AccountForm({ title, action, passwordIs, passwordHint, submit, children }: AccountFormProps) {
  const { send, isSending, errorOf, general } = useForm({
    fields: ["email", "password"],
    submit: (form) => submit({ email: String(form.get("email")), password: String(form.get("password")) }),
    onAccepted: beginSession,
  });

  return (
    <form className="account-form" onSubmit={send} noValidate>
      <h1>{title}</h1>
      <Field label="Email" name="email" type="email" autoComplete="username" error={errorOf("email")} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete={passwordIs}
        error={errorOf("password")}
        hint={passwordHint}
      />
      <p className="refusal" role="alert">
        {general}
      </p>
      <button className="button" type="submit" disabled={isSending}>
        {action}
      </button>
      <p className="quiet">{children}</p>
    </form>
  );
}
