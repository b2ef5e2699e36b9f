/** Starts the documentation; its own file, because the page's policy lets no inline script run. */
const root = document.getElementById("docs");

window.ui = SwaggerUIBundle({
  url: root.dataset.openapi,
  domNode: root,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  // The badge would ask a server on the internet about this document.
  validatorUrl: null,
});
