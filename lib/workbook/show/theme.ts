/** Colours and fonts of everything that we show; JupyterLab's own variables first, so that its themes are followed. */
export const theme = {
  text: "var(--jp-ui-font-color1, #202124)",
  muted: "var(--jp-ui-font-color2, #5f6368)",
  line: "var(--jp-border-color2, #dadce0)",
  faint: "var(--jp-layout-color2, #f1f3f4)",
  ground: "var(--jp-layout-color1, #ffffff)",
  font: "var(--jp-ui-font-family, system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif)",
  mono: "var(--jp-code-font-family, ui-monospace, Menlo, Consolas, monospace)",
} as const;

/** Colours that keep their meaning in every figure. Chosen to stay apart for colour-blind eyes (Okabe and Ito 2008). */
export const colors = {
  normal: "#4a7fb5",
  anomaly: "#d55e00",
  threshold: "#111111",
  accent: "#1a73e8",
  good: "#188038",
  bad: "#c5221f",
  open: "#b06000",
  unknown: "#5f6368",
  clusters: ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999"],
} as const;
