import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { adoptSessionOfForm } from "./api/session.ts";
import { App } from "./app.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");

void adoptSessionOfForm();

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
