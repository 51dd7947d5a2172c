// npm run build:proto: makes workers/images/src/grpc/generated from the .proto files, after they were linted. With
// --check it compares and changes nothing.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { runCommand, Stop } from "./lib/command.mjs";
import { filesBelow, pinnedNode, root } from "./lib/paths.mjs";
import { runTool } from "./lib/wrangler.mjs";

const source = join(root, "workers/images/proto");
const target = join(root, "workers/images/src/grpc/generated");

await runCommand(async () => {
  await buf("lint", source);
  await buf("format", source, "--diff", "--exit-code");
  if (process.argv.includes("--check")) {
    await check();
    return 0;
  }
  rmSync(target, { recursive: true, force: true });
  await generateInto(target);
  console.log(
    `Made: ${filesBelow(target)
      .map((file) => relative(root, file))
      .join(", ")}`,
  );
  return 0;
});

async function check() {
  const folder = mkdtempSync(join(tmpdir(), "halftone-proto-"));
  try {
    await generateInto(folder);
    if (contentOf(folder) !== contentOf(target)) {
      throw new Stop("The generated code is not what the .proto files make: run npm run build:proto and commit it.");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log("The generated code is what the .proto files make.");
}

function generateInto(folder) {
  return buf("generate", source, "--template", join(source, "buf.gen.yaml"), "--output", folder);
}

function contentOf(folder) {
  const files = filesBelow(folder).map((file) => [relative(folder, file), readFileSync(file, "utf8")]);
  return JSON.stringify(files);
}

async function buf(...args) {
  process.env.BUF_CACHE_DIR ??= join(root, ".cache/buf");
  const { code, stdout, stderr } = await runTool(pinnedNode, [
    join(root, "node_modules/@bufbuild/buf/bin/buf"),
    ...args,
  ]);
  if (code !== 0) throw new Stop(`buf ${args[0]}:\n${stdout}${stderr}`.trim());
}
