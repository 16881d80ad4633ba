# syntax=docker/dockerfile:1

# The application's image: one binary, no shell, no root. Node.js is in a build stage only.

# The browser client, as its lock file pins it.
FROM node:24-trixie-slim AS client
WORKDIR /client
COPY crates/belvedere/client/package.json crates/belvedere/client/package-lock.json crates/belvedere/client/.npmrc ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

# Builder and final image share a Debian release, and with it a C library.
FROM rust:1.95.0-slim-trixie AS chef
# The toolchain of the image, without the components for development that rust-toolchain.toml names.
ENV RUSTUP_TOOLCHAIN=1.95.0
RUN cargo install cargo-chef --locked --version 0.1.78
WORKDIR /build

FROM chef AS plan
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

# The dependencies are a layer of their own, built again only when the lock file changes.
FROM chef AS build
COPY --from=plan /build/recipe.json recipe.json
RUN cargo chef cook --release --locked --package web --recipe-path recipe.json
COPY . .
COPY --from=client /client/node_modules /client
ENV LIVE_VIEW_CLIENT_DIR=/client
RUN cargo build --release --locked --package web

# What the image is made of, as `docs/release.md` says. The image below has no package manager, and keeps
# what its packages say of themselves in a folder.
FROM build AS bill
COPY --from=client /usr/local/bin/node /usr/local/bin/node
COPY --from=gcr.io/distroless/cc-debian13:nonroot /var/lib/dpkg/status.d /debian
RUN .ci/bill-of-materials /debian >/bill.cdx.json

FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /build/target/release/web /web
COPY --from=bill /bill.cdx.json /bill.cdx.json
ENV HOST=:: \
    PORT=8080 \
    LOG_FORMAT=json
EXPOSE 8080
USER nonroot
# No shell in between: the program gets the signals, and `migrate` or `seed` may stand for `serve`.
ENTRYPOINT ["/web"]
CMD ["serve"]
