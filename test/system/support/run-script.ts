import { execFile } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

/** Runs one of the project's commands to its end, as npm would. @param variables of its environment */
export function runScript(
  script: string,
  args: string[],
  variables: Record<string, string>,
): Promise<{ code: number; printed: string }> {
  const env = { ...process.env, ...variables };
  return new Promise((resolve) => {
    execFile(process.execPath, [join("scripts", script), ...args], { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), printed: stdout + stderr });
    });
  });
}
