import { html, raw } from "hono/html";
import type { CompleteServiceCard, ServiceCards } from "../../../../shared/contracts/service-card.ts";
import { API_POLICY } from "../browsers/security-headers.ts";

/** The colours are the web app's (frontend/src/ui/base.css), whose files have other names with each build. */
const STYLE = `
:root { color-scheme: light dark; --paper: #f6f6f3; --ink: #15161b; --quiet: #5a5d68; --line: #dededa; --spot: #4353e0; --refusal: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --paper: #121317; --ink: #ededea; --quiet: #a3a6b1; --line: #2d2f37; --spot: #98a4ff; --refusal: #ff9a90 }
}
body { max-width: 64rem; margin: 0 auto; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 "Helvetica Neue", Helvetica, Arial, system-ui, sans-serif }
a { color: inherit; text-decoration-color: var(--spot); text-underline-offset: 0.2em }
section { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line) }
h2 { margin: 0 0 1rem; font-size: 1.25rem }
h2 span { margin-left: 0.5rem; color: var(--quiet); font-size: 0.875rem; font-weight: 400 }
h2 .degraded, h2 .unhealthy { color: var(--refusal); font-weight: 700 }
dl { display: grid; grid-template-columns: 13rem 1fr; gap: 0.75rem 1.5rem; margin: 0 }
dt { color: var(--quiet) }
dd, ul { margin: 0; padding: 0; list-style: none; overflow-wrap: anywhere }
.names { columns: 18rem; font: 0.8125rem/1.7 ui-monospace, Menlo, Consolas, monospace }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: 0.75rem } }
`;

/** Lets in the page's own style and nothing else. */
export async function servicesPagePolicy(): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
  return `${API_POLICY}; style-src 'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

export function writeServicesPage({ services }: ServiceCards) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Services · Halftone</title>
<style>${raw(STYLE)}</style></head>
<body>
<h1>Services</h1>
<p><a href="/">Halftone</a> · <a href="/docs">API</a></p>
${services.map(writeService)}
</body>
</html>`;
}

function writeService({ name, health, card }: ServiceCards["services"][number]) {
  return html`<section>
<h2>${name} <span class="${health}">${health}</span></h2>
${card === null ? html`<p>It says nothing of itself at the moment.</p>` : writeCard(card)}
</section>
`;
}

function writeCard(card: CompleteServiceCard) {
  return html`<dl>
<dt>Purpose</dt><dd>${card.purpose}</dd>
<dt>Language and framework</dt><dd>${card.language}</dd>
<dt>Communication</dt><dd>${writeList(card.communication)}</dd>
<dt>Storage</dt><dd>${writeList(card.storage)}</dd>
<dt>Security</dt><dd>${writeList(card.security)}</dd>
<dt>Design pattern</dt><dd>${card.pattern}</dd>
<dt>Endpoints</dt><dd class="names">${writeList(card.endpoints)}</dd>
<dt>Configuration</dt><dd class="names">${writeList(card.configuration)}</dd>
</dl>`;
}

function writeList(lines: string[]) {
  return html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}
