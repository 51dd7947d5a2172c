import { useRef, useState } from "react";
import type { SessionView } from "../../../../shared/contracts/sessions.ts";
import type { Answer } from "../../api/answer.ts";
import { leaveSession } from "../../api/session.ts";
import { useStore } from "../../store.ts";
import { ConfirmButton } from "../../ui/confirm-button.tsx";
import { formatTime } from "../../ui/format-time.ts";
import { Section } from "../../ui/section.tsx";
import { Trouble } from "../../ui/trouble.tsx";
import { nameOfAgent } from "./agent.ts";
import { devices, endAllDevices, endDevice, endOtherDevices } from "./devices.ts";
import "../../ui/rows.css";

/** Where the person is signed in, and the ways to end that. */
export function DeviceList() {
  const { value: sessions, problem } = useStore(devices);
  const heading = useRef<HTMLHeadingElement>(null);
  const [message, setMessage] = useState("");

  /** Says how it went. The button that was pressed may be gone with its row, so the heading takes the focus. */
  async function act(ending: Promise<Answer<unknown>>, success: string) {
    const answer = await ending;
    await devices.load();
    setMessage(answer.ok ? success : answer.problem.detail);
    heading.current?.focus();
  }

  async function leaveEverywhere(here: SessionView) {
    const answer = await endAllDevices(here);
    if (answer.ok) leaveSession("You are signed out everywhere.");
    else setMessage(answer.problem.detail);
  }

  const here = sessions?.find(({ current }) => current);
  return (
    <Section title="Devices" headingRef={heading}>
      <p className="quiet">Where you are signed in. What is signed out here is shut out within five seconds.</p>
      <Trouble problem={problem} retry={devices.load} />
      {sessions !== null && (
        <ul className="rows">
          {sessions.map((device) => (
            <DeviceRow
              key={device.id}
              device={device}
              end={() => act(endDevice(device), `${nameOfAgent(device.userAgent)} is signed out.`)}
            />
          ))}
        </ul>
      )}
      {here !== undefined && (
        <div className="section-actions">
          {sessions !== null && sessions.length > 1 && (
            <ConfirmButton
              className="button plain"
              label="Sign out other devices"
              question="Sign all others out?"
              onConfirm={() => act(endOtherDevices(here), "All other devices are signed out.")}
            />
          )}
          <ConfirmButton
            className="button plain"
            label="Sign out everywhere"
            question="Sign out here, too?"
            onConfirm={() => leaveEverywhere(here)}
          />
        </div>
      )}
      <p role="status">{message}</p>
    </Section>
  );
}

function DeviceRow({ device, end }: { device: SessionView; end(): void }) {
  const name = nameOfAgent(device.userAgent);
  return (
    <li>
      <div>
        <span className="row-title" title={device.userAgent ?? undefined}>
          {name}
        </span>
        <div className="row-note">
          {device.current ? "This device" : <LastSeen at={device.lastSeenAt} />}
          {device.ip !== null && ` · ${device.ip}`}
        </div>
      </div>
      {!device.current && (
        <button type="button" className="text-button" aria-label={`Sign out ${name}`} onClick={end}>
          Sign out
        </button>
      )}
    </li>
  );
}

function LastSeen({ at }: { at: string }) {
  return (
    <>
      Last seen <time dateTime={at}>{formatTime(at)}</time>
    </>
  );
}
