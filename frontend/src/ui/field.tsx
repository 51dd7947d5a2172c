import { type InputHTMLAttributes, useId } from "react";
import "./field.css";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** What is wrong with the value, or nothing. */
  error?: string;
  hint?: string;
}

/** One labelled input of a form, with its hint or what the server says against it. */
export function Field({ label, error, hint, ...input }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input {...input} id={id} aria-invalid={error !== undefined} aria-describedby={note ? `${id}-note` : undefined} />
      {note && (
        <p id={`${id}-note`} className={error ? "field-note refusal" : "field-note quiet"}>
          {note}
        </p>
      )}
    </div>
  );
}
