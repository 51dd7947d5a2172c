import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { isPage } from "../shared/contracts/pages.ts";

const API = "http://127.0.0.1:8080";

/** The folders the dev server itself answers from: sources, its own client, dependencies, public files. */
const DEV_SERVER_PATH = /^\/(src\/|node_modules\/|@)|^\/(favicon\.svg|index\.html)$/;

export default defineConfig(({ command }) => {
  // Whoever builds, a test runner too, gets the page that is deployed and not React's development build.
  if (command === "build") process.env.NODE_ENV = "production";
  return {
    root: import.meta.dirname,
    base: "/",
    plugins: [react()],
    build: {
      outDir: "dist",
      emptyOutDir: true,
      assetsDir: "assets",
      // The page's content security policy names files only, and every browser it is built for preloads modules by itself.
      assetsInlineLimit: 0,
      // Swagger UI is one file of 1.5 MB, which only /docs loads.
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: { input: ["index.html", "docs.html"].map((page) => join(import.meta.dirname, page)) },
      modulePreload: { polyfill: false },
    },
    server: {
      proxy: {
        "/": {
          target: API,
          bypass(request) {
            const path = new URL(request.url ?? "/", API).pathname;
            if (isPage(path)) return "/index.html";
            if (path === "/docs") return "/docs.html";
            if (DEV_SERVER_PATH.test(path)) return request.url;
            return undefined;
          },
        },
      },
    },
  };
});
