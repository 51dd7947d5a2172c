import { type FormEvent, useState } from "react";
import type { Answer, Problem } from "../api/answer.ts";

interface FormParts<Value> {
  /** The names of the fields that say themselves what the server has against them. */
  fields: readonly string[];
  submit(form: FormData): Promise<Answer<Value>>;
  onAccepted(value: Value, form: HTMLFormElement): void;
}

/** A form that the server judges: sends it, and holds what was said against it. */
export function useForm<Value>({ fields, submit, onAccepted }: FormParts<Value>) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setIsSending] = useState(false);

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    setIsSending(true);
    const answer = await submit(new FormData(form));
    setIsSending(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onAccepted(answer.value, form);
  }

  const errorOf = (field: string) => problem?.errors.find(({ path }) => path === field)?.message;
  const isSaidAtField = fields.some((field) => errorOf(field) !== undefined);
  return {
    send,
    isSending,
    errorOf,
    /** What is said against the whole, where no field says it. */
    general: isSaidAtField ? undefined : problem?.detail,
  };
}
