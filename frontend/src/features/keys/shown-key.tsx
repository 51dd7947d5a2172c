import { type FocusEvent, useState } from "react";
import type { CreatedKey } from "../../../../shared/contracts/keys.ts";
import { Field } from "../../ui/field.tsx";

interface ShownKeyProps {
  created: CreatedKey;
  onKept(): void;
}

/** A key that has just been made, this once. */
export function ShownKey({ created, onKept }: ShownKeyProps) {
  const [isCopied, setIsCopied] = useState(false);

  async function copy() {
    await navigator.clipboard.writeText(created.key);
    setIsCopied(true);
  }

  return (
    <div className="section-form">
      <Field
        label={`The key ${created.name}`}
        value={created.key}
        readOnly
        autoFocus
        onFocus={(event: FocusEvent<HTMLInputElement>) => event.currentTarget.select()}
        hint="Keep it now: it is shown this once, and nobody can bring it back."
      />
      <div className="section-actions">
        {/* Browsers have a clipboard for pages on https and on localhost only. */}
        {navigator.clipboard !== undefined && (
          <button type="button" className="button" onClick={copy}>
            {isCopied ? "Copied" : "Copy"}
          </button>
        )}
        <button type="button" className="button plain" onClick={onKept}>
          Done
        </button>
      </div>
    </div>
  );
}
