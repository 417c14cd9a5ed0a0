# One image for web, worker, beat and migrate; nothing in it is fetched when it runs.

FROM node:22-slim AS browser
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund

FROM python:3.13-slim AS packages
COPY requirements.txt ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim
# The font draws Chinese words on generated pictures and PDF files, which Pango lays out.
RUN apt-get update \
 && apt-get install -y --no-install-recommends fontconfig fonts-wqy-microhei openssl \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home citymgmt \
 && install -d -o citymgmt -g citymgmt /data/media /certificates
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=citymgmt.settings \
    STATIC_ROOT=/app/var/static \
    MEDIA_ROOT=/data/media
WORKDIR /app
COPY . .
COPY --from=browser /build/node_modules node_modules
# Addresses and key are needed by the settings, not by collecting files; none is kept.
RUN python citymgmt/dev/icons.py \
 && SECRET_KEY=only-while-collecting-static-files-00000 \
    DATABASE_URL=postgres:///unused REDIS_URL=redis://unused \
    python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf node_modules
# Whoever runs it may write nothing: each process would compile all of it anew at its start.
RUN python -m compileall -q --invalidation-mode unchecked-hash citymgmt cases grids inspections
USER citymgmt
EXPOSE 8000
# Each kept connection holds a buffer as large as what it last sent, up to this: left at 400 KB,
# those through which photos came held 40 MB of a process.
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--http1-buffer-size", "65536", "--no-ws", \
     "citymgmt.wsgi:application"]
