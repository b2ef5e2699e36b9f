import { API_PREFIX, domains } from "./api.contract.ts";

const ASSETS = `${API_PREFIX}/docs/assets`;
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, char => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[char] ?? char);

/**
 * The documentation page of a domain, or of the whole API.
 * @param version of the assets, so that browsers may keep them for good
 */
export function renderDocs(domain: string | undefined, isEmpty: boolean, version: string): string {
  const base = domain === undefined ? API_PREFIX : `${API_PREFIX}/${domain}`;
  const title = domains.find(({ name }) => name === domain)?.title ?? "whole API";
  const link = (href: string, text: string, isHere: boolean) =>
    `<a href="${href}"${isHere ? ' aria-current="page"' : ""}>${escape(text)}</a>`;
  const links = [
    link(`${API_PREFIX}/docs`, "All", domain === undefined),
    ...domains.map(({ name }) => link(`${API_PREFIX}/${name}/docs`, name, name === domain)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Eco² API · ${escape(title)}</title>
<link rel="icon" type="image/svg+xml" href="${ASSETS}/leaf.svg?v=${version}">
<link rel="stylesheet" href="${ASSETS}/swagger-ui.css?v=${version}">
<link rel="stylesheet" href="${ASSETS}/docs.css?v=${version}">
<script src="${ASSETS}/swagger-ui-bundle.js?v=${version}" defer></script>
<script src="${ASSETS}/start-docs.js?v=${version}" defer></script>
</head>
<body${isEmpty ? ' class="is-empty"' : ""}>
<header class="head"><div>
<a class="brand" href="${API_PREFIX}/docs"><img src="${ASSETS}/leaf.svg?v=${version}" alt="" width="28" height="28">Eco² API</a>
<nav class="domains" aria-label="Parts of the API">${links.join("")}</nav>
</div></header>
<main id="docs" data-openapi="${base}/openapi.json"></main>
<noscript><p class="note">This page needs JavaScript; the document itself is at <a href="${base}/openapi.json">${base}/openapi.json</a>.</p></noscript>
</body>
</html>
`;
}
