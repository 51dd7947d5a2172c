import "./dots.css";

/** Three dots that swell in turn: something is being made. */
export function WorkingDots() {
  return (
    <span className="working-dots" aria-hidden="true">
      <span />
      <span />
      <span />
    </span>
  );
}

/** The mark: a screen of nine dots that grow from corner to corner. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      {[0, 1, 2].map((row) =>
        [0, 1, 2].map((column) => (
          <circle key={column} cx={6 + column * 10} cy={6 + row * 10} r={1.6 + (row + column) * 0.9} />
        )),
      )}
    </svg>
  );
}
