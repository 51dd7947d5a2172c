import { useRef, useState } from "react";
import type { CreatedKey, KeyView } from "../../../../shared/contracts/keys.ts";
import type { Role } from "../../../../shared/contracts/permissions.ts";
import { useStore } from "../../store.ts";
import { ConfirmButton } from "../../ui/confirm-button.tsx";
import { formatDay } from "../../ui/format-time.ts";
import { Section } from "../../ui/section.tsx";
import { Trouble } from "../../ui/trouble.tsx";
import { endKey, keys } from "./keys.ts";
import { NewKey } from "./new-key.tsx";
import { ShownKey } from "./shown-key.tsx";
import "../../ui/rows.css";

/** The person's API keys: those there are, and a form for another. @param role says which scopes a key can have */
export function KeyList({ role }: { role: Role }) {
  const { value: list, problem } = useStore(keys);
  const heading = useRef<HTMLHeadingElement>(null);
  const [message, setMessage] = useState("");
  const [created, setCreated] = useState<CreatedKey | null>(null);

  async function end({ id, name }: KeyView) {
    const answer = await endKey(id);
    await keys.load();
    setMessage(answer.ok ? `The key ${name} is ended.` : answer.problem.detail);
    if (created?.id === id) setCreated(null);
    heading.current?.focus();
  }

  function putAway() {
    setCreated(null);
    heading.current?.focus();
  }

  function show(key: CreatedKey) {
    setCreated(key);
    setMessage("");
    void keys.load();
  }

  return (
    <Section title="API keys" headingRef={heading}>
      <p className="quiet">
        For programs that act for you. A key does what you tick, and can never change your password, sessions or keys.
      </p>
      <Trouble problem={problem} retry={keys.load} />
      {list !== null && list.length > 0 && (
        <ul className="rows">
          {list.map((key) => (
            <KeyRow key={key.id} view={key} end={() => end(key)} />
          ))}
        </ul>
      )}
      <p role="status">{message}</p>
      {created === null ? <NewKey role={role} onCreated={show} /> : <ShownKey created={created} onKept={putAway} />}
    </Section>
  );
}

function KeyRow({ view, end }: { view: KeyView; end(): void }) {
  const { name, scopes, requireSignature, expiresAt, lastUsedAt } = view;
  const isOver = Date.parse(expiresAt) <= Date.now();
  return (
    <li>
      <div>
        <span className="row-title">{name}</span>
        <div className="row-note">{scopes.join(", ")}</div>
        <div className="row-note">
          {isOver ? "Ran out" : "Runs out"} {formatDay(expiresAt)} ·{" "}
          {lastUsedAt === null ? "never used" : `last used ${formatDay(lastUsedAt)}`}
          {requireSignature && " · signed requests only"}
        </div>
      </div>
      <ConfirmButton
        className="text-button"
        label="End"
        description={`End the key ${name}`}
        question="End it?"
        onConfirm={end}
      />
    </li>
  );
}
