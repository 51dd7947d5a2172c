import { useEffect, useState } from "react";
import type { DataService, ExportView } from "../../../../shared/contracts/personal-data.ts";
import type { Answer } from "../../api/answer.ts";
import type { Loaded } from "../../api/resource.ts";
import { WorkingDots } from "../../ui/dots.tsx";
import { formatDay } from "../../ui/format-time.ts";
import { Section } from "../../ui/section.tsx";
import { readExport, startExport } from "./account.api.ts";
import "../../ui/rows.css";

/** What each part of an export holds. */
const CONTENTS: Record<DataService, string> = {
  auth: "Profile, sessions and keys",
  images: "What is known of your photos and files",
  orders: "Orders",
  audit: "Log",
  webhooks: "Webhooks",
};

/** A small account is exported in about a second. */
const ASK_EVERY_MS = 1_000;

/** A copy of everything, made on demand. */
export function ExportData() {
  const [{ value: view, problem }, setCopy] = useState<Loaded<ExportView>>({ value: null, problem: null });

  async function start() {
    const answer = await startExport();
    setCopy((before) => takeIn(before, answer));
  }

  useEffect(() => {
    if (view?.status !== "running") return undefined;
    const timer = setTimeout(async () => {
      const answer = await readExport(view.id);
      setCopy((before) => takeIn(before, answer));
    }, ASK_EVERY_MS);
    return () => clearTimeout(timer);
  }, [view]);

  const isRunning = view?.status === "running" && problem === null;
  return (
    <Section title="Your data">
      <p className="quiet">A copy of everything that is kept about you, and all your files as you sent them.</p>
      {view !== null && view.status !== "failed" && <Downloads view={view} />}
      <div role="status">
        {isRunning && (
          <p>
            <WorkingDots /> Collecting it
          </p>
        )}
        {view?.status === "done" && <p>Your copy is ready until {formatDay(view.expiresAt)}.</p>}
        {view?.status === "failed" && <p className="refusal">{view.reason}</p>}
        {problem !== null && <p className="refusal">{problem.detail}</p>}
      </div>
      <button type="button" className="button plain" disabled={isRunning} onClick={start}>
        Make a copy
      </button>
    </Section>
  );
}

/** A copy goes on being made when it cannot be asked about: the last answer stays, and the button asks again. */
function takeIn(before: Loaded<ExportView>, answer: Answer<ExportView>): Loaded<ExportView> {
  if (answer.ok) return { value: answer.value, problem: null };
  return { value: before.value, problem: answer.problem };
}

/** All that the copy will hold, from the start, so that nothing below moves when it is ready. */
function Downloads({ view }: { view: ExportView }) {
  return (
    <ul className="rows">
      <Download title="Photos and files" note="zip" href={view.photosUrl} />
      {view.parts.map(({ service, status, records, url }) => (
        <Download
          key={service}
          title={CONTENTS[service]}
          note={status === "done" ? `JSON, ${records} ${records === 1 ? "line" : "lines"}` : "not yet collected"}
          href={view.status === "done" ? url : null}
        />
      ))}
    </ul>
  );
}

interface DownloadProps {
  title: string;
  note: string;
  /** Null while there is nothing to download. */
  href: string | null;
}

function Download({ title, note, href }: DownloadProps) {
  return (
    <li>
      <div>
        <span className="row-title">{title}</span>
        <div className="row-note">{note}</div>
      </div>
      {href !== null && (
        <a href={href} download aria-label={`Download ${title}`}>
          Download
        </a>
      )}
    </li>
  );
}
