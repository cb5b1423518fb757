import { defineConfig } from "vite";

const pages = [
  "live", "home", "studio", "log-in", "account", "help", "orders", "admin", "bag", "wishlist", "business", "business-orders",
  "business-money", "studio-money", "admin-money", "admin-reviews", "admin-orders",
  "products", "product",
];

/** One input per page, so that each page loads only its own script and style. */
export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    // Inlined assets would need data: in the content security policy.
    assetsInlineLimit: 0,
    target: ["chrome111", "firefox115", "safari16.4"],
    // Every browser in `target` preloads modules by itself.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: Object.fromEntries(pages.map((page) => [page, `${page}.html`])),
      output: {
        codeSplitting: {
          groups: [
            { name: "preact", test: /node_modules\/(preact|@preact)\// },
            {
              name: "socket",
              test: /node_modules\/(socket\.io|engine\.io|@socket\.io|debug|ms)|src\/wire\/socket/,
            },
            // What nearly every page needs, in one piece: cut along who shares what, it cost the viewer more.
            { name: "shared", test: /src\/(wire\/id|i18n\/refusal|testids)\.ts/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:8080",
      "/images": "http://127.0.0.1:8080",
      "/socket.io": { target: "ws://127.0.0.1:8080", ws: true },
    },
  },
});
