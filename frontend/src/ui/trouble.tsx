import type { Problem } from "../api/answer.ts";

/** Why something could not be loaded, and another try. */
export function Trouble({ problem, retry }: { problem: Problem | null; retry(): void }) {
  return (
    <div role="status">
      {problem !== null && (
        <p className="refusal">
          {problem.detail}{" "}
          <button type="button" className="text-button" onClick={retry}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}
