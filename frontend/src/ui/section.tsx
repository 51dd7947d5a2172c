import { type ReactNode, type Ref, useId } from "react";
import "./section.css";

interface SectionProps {
  title: string;
  /** For what vanishes with the focus in it: the heading takes the focus then. */
  headingRef?: Ref<HTMLHeadingElement>;
  children: ReactNode;
}

/** One matter of a page of many: its heading, and beside or below it what there is to do. */
export function Section({ title, headingRef, children }: SectionProps) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <h2 id={id} ref={headingRef} tabIndex={-1}>
        {title}
      </h2>
      <div className="section-content">{children}</div>
    </section>
  );
}
