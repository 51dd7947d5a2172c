/** The package brings no types. */
declare module "parse-prometheus-text-format" {
  interface ParsedSample {
    value?: string;
    labels?: Record<string, string>;
  }

  export interface Metric {
    name: string;
    help: string;
    type: string;
    metrics: ParsedSample[];
  }

  /** Throws on what is no Prometheus text. */
  export default function parsePrometheusTextFormat(text: string): Metric[];
}
