import { hasCome, useResource } from "../api/resource.ts";
import { ChangePassword } from "../features/account/change-password.tsx";
import { DeleteAccount } from "../features/account/delete-account.tsx";
import { ExportData } from "../features/account/export-data.tsx";
import { profile } from "../features/account/profile.ts";
import { DeviceList } from "../features/devices/device-list.tsx";
import { devices } from "../features/devices/devices.ts";
import { KeyList } from "../features/keys/key-list.tsx";
import { keys } from "../features/keys/keys.ts";
import { formatDay } from "../ui/format-time.ts";
import { Trouble } from "../ui/trouble.tsx";
import { usePageTitle } from "../ui/use-page-title.ts";

/** Who you are here, and everything that opens your account. It appears when all of it has come, so that nothing jumps. */
export function Account() {
  usePageTitle("Account");
  const person = useResource(profile);
  const parts = [person, useResource(devices), useResource(keys)];
  const isComplete = parts.every(hasCome);
  return (
    <>
      <h1>Account</h1>
      {!isComplete && <p className="quiet">Loading…</p>}
      {isComplete && <Trouble problem={person.problem} retry={profile.load} />}
      {isComplete && person.value !== null && (
        <>
          <p className="quiet">
            {person.value.email}, since {formatDay(person.value.created)}
          </p>
          <DeviceList />
          <KeyList role={person.value.role} />
          <ChangePassword email={person.value.email} onChanged={devices.load} />
          <ExportData />
          <DeleteAccount email={person.value.email} />
        </>
      )}
    </>
  );
}
