import { html } from "hono/html";
import type { CompleteServiceCard, ServiceCards } from "../../../../shared/contracts/service-card.ts";

/** Plain HTML: the policy of the API's answers lets no style and no script in. */
export function writeServicesPage({ services }: ServiceCards) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Services · Halftone</title></head>
<body>
<h1>Services</h1>
<p><a href="/">Halftone</a> · <a href="/docs">API</a></p>
${services.map(({ name, health, card }) => [html`<h2>${name}: ${health}</h2>`, card === null ? "" : writeCard(card)])}
</body>
</html>`;
}

function writeCard(card: CompleteServiceCard) {
  return html`<dl>
<dt>Purpose</dt><dd>${card.purpose}</dd>
<dt>Language and framework</dt><dd>${card.language}</dd>
<dt>Communication</dt>${writeLines(card.communication)}
<dt>Storage</dt>${writeLines(card.storage)}
<dt>Security</dt>${writeLines(card.security)}
<dt>Design pattern</dt><dd>${card.pattern}</dd>
<dt>Endpoints</dt>${writeLines(card.endpoints)}
<dt>Configuration</dt>${writeLines(card.configuration)}
</dl>
`;
}

function writeLines(lines: string[]) {
  return lines.map((line) => html`<dd>${line}</dd>`);
}
