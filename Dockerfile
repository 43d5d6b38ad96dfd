# One image for the command line, the web process, workers and migrations.
FROM node:20-bookworm-slim AS pages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev

# The Python that the tests run on: for another one the lock pins other libraries.
FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 ridealong && install --directory --owner=ridealong --group=ridealong /data
WORKDIR /app
# Libraries and models first: a new version of ours leaves this layer, nearly all of the image, as it was.
COPY requirements-image.lock ./
RUN python -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir \
        --no-deps --require-hashes -r requirements-image.lock
# For everybody to read, whatever the rights are in the checkout.
COPY --chmod=755 pyproject.toml README.md LICENSE ./
COPY --chmod=755 models models
COPY --chmod=755 annotators annotators
COPY --chmod=755 training training
COPY --chmod=755 service service
# Compiled here, because the user of the image may not write beside the sources.
RUN --mount=type=bind,from=pages,source=/app/node_modules,target=/pages \
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir \
        --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m service.pages.libraries /pages \
    && .venv/bin/python -m compileall -q models annotators training service
# Nothing leaves the container by itself: ONNX Runtime would tell its makers of each start.
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 ORT_DISABLE_TELEMETRY=1 RIDEALONG_DATA=/data
USER 10001
# Recordings, unfinished uploads and, unless DATABASE_URL is given, the database.
VOLUME /data
EXPOSE 8731
# Loads every model and checks its SHA-256: a container that can't analyse a call is not healthy.
HEALTHCHECK --interval=5m --timeout=60s --start-period=30s CMD ["ridealong", "doctor"]
ENTRYPOINT ["ridealong"]
CMD ["--help"]
