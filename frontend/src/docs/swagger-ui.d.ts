/** The part of Swagger UI that the page uses: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/ */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  export default function SwaggerUI(options: {
    dom_id: string;
    url: string;
    deepLinking: boolean;
    docExpansion: "list" | "full" | "none";
    validatorUrl: null;
    plugins: object[];
  }): void;
}
