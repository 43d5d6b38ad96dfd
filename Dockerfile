# One image for the command line, the web process, workers and migrations. The steps are the Makefile's.
FROM node:20-bookworm-slim AS pages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev

FROM python:3.12-slim-bookworm AS build
WORKDIR /app
RUN python -m venv .venv
COPY requirements.lock ./
RUN .venv/bin/python -m pip install --quiet --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY models models
COPY annotators annotators
COPY training training
COPY service service
RUN .venv/bin/python -m pip install --quiet --no-cache-dir --no-deps --no-build-isolation --editable .
COPY --from=pages /app/node_modules node_modules
RUN .venv/bin/python -m service.pages.libraries node_modules && rm -r node_modules

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 ridealong && install --directory --owner=ridealong --group=ridealong /data
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 RIDEALONG_DATA=/data
USER 10001
# Recordings, unfinished uploads and, unless DATABASE_URL is given, the database.
VOLUME /data
EXPOSE 8731
# Loads every model and checks its SHA-256: a container that can't analyse a call is not healthy.
HEALTHCHECK --interval=5m --timeout=60s --start-period=30s CMD ["ridealong", "doctor"]
ENTRYPOINT ["ridealong"]
CMD ["--help"]
