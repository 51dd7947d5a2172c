import { type MouseEvent, useState } from "react";
import "./confirm-button.css";

interface ConfirmButtonProps {
  /** What the button does. */
  label: string;
  /** What is said of it to those who cannot see what it stands beside. */
  description?: string;
  /** What it asks before it does it. */
  question: string;
  className: string;
  onConfirm(): void;
}

/** A button for what cannot be taken back: the first press only changes its words, and looking elsewhere changes them back. */
export function ConfirmButton({ label, description = label, question, className, onConfirm }: ConfirmButtonProps) {
  const [isAsking, setIsAsking] = useState(false);

  function press(event: MouseEvent) {
    const isSecondOfDoubleClick = event.detail > 1;
    if (isAsking && isSecondOfDoubleClick) return;
    setIsAsking(!isAsking);
    if (isAsking) onConfirm();
  }

  return (
    <button
      type="button"
      className={`${className} confirm-button`}
      aria-label={isAsking ? question : description}
      onClick={press}
      onBlur={() => setIsAsking(false)}
    >
      <span className={isAsking ? "unsaid" : undefined}>{label}</span>
      <span className={isAsking ? undefined : "unsaid"}>{question}</span>
    </button>
  );
}
