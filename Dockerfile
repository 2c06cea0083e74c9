# The app for production: PostgreSQL, TLS and secrets come from outside. Build: docker build -t backorders .
# Run:   docker run --read-only --cap-drop ALL --security-opt no-new-privileges -p 8080:8080 \
#          -e DATABASE_URL -e BACKORDERS_PUBLIC_URL=https://… -e BACKORDERS_MASTER_KEYS_FILE=/run/secrets/master_keys … backorders
# First: the same with the command `migrate`. Probes: /livez and /readyz on port 8080.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
# What is built from others' sources changes seldom: its own layer.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src && echo '//! Placeholder for the layer of dependencies.' > src/lib.rs && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked && rm -r src
COPY .askama.toml ./
COPY src src
COPY manifest/icon.svg manifest/icon.svg
COPY manifest/settings.schema.json manifest/settings.schema.json
RUN touch src/main.rs src/lib.rs && cargo build --release --locked --bin backorders

# A typeface with Chinese, for the PDFs of customers who need it; Latin ones are in the program.
FROM debian:bookworm-slim AS fonts
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-cjk

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /build/target/release/backorders /usr/local/bin/backorders
COPY --from=fonts /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc /usr/share/fonts/opentype/noto/
COPY --from=fonts /usr/share/doc/fonts-noto-cjk/copyright /usr/share/doc/fonts-noto-cjk/copyright
COPY LICENSE /usr/share/doc/backorders/LICENSE
# nonroot: no shell, no package manager, no home to write to.
USER 65532:65532
ENV BACKORDERS_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/backorders"]
CMD ["serve"]
