import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";

/**
 * Descriptions as the plain text that they are. Swagger UI would make HTML of them, which nobody may write into this
 * page (its policy demands Trusted Types).
 */
const plainText = { components: { Markdown: ({ source = "" }) => source } };

SwaggerUI({
  dom_id: "#docs",
  url: "/openapi.json",
  deepLinking: true,
  // The parts come first, each to be opened: with all of them open the page would draw what is in sight alone, and a
  // browser's own search would not find the rest.
  docExpansion: "none",
  // It would send the document to a server of Swagger's.
  validatorUrl: null,
  plugins: [plainText],
});
