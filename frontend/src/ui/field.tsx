import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";
import "./field.css";

interface FieldText {
  label: string;
  /** What is wrong with the value, or nothing. */
  error?: string;
  hint?: string;
}

/** One labelled input of a form, with its hint or what the server says against it. */
export function Field({ label, error, hint, ...input }: FieldText & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Labelled label={label} error={error} hint={hint}>
      {(link) => <input {...input} {...link} />}
    </Labelled>
  );
}

/** The same for a choice; its children are the options. */
export function SelectField({ label, error, hint, ...select }: FieldText & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Labelled label={label} error={error} hint={hint}>
      {(link) => <select {...select} {...link} />}
    </Labelled>
  );
}

/** What ties an input to its label and its note. */
interface Link {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

function Labelled({ label, error, hint, children }: FieldText & { children(link: Link): ReactNode }) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": error !== undefined, "aria-describedby": note ? `${id}-note` : undefined })}
      {note && (
        <p id={`${id}-note`} className={error ? "field-note refusal" : "field-note quiet"}>
          {note}
        </p>
      )}
    </div>
  );
}
