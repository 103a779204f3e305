# syntax=docker/dockerfile:1
# Two stages: the first installs the hash-locked requirements, the second holds only what runs, as a user without rights.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements.txt /build/requirements.txt
RUN /venv/bin/pip install --require-hashes --requirement /build/requirements.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PEERHUB_VAR_DIR=/var/lib/peerhub
RUN groupadd --system --gid 10001 peerhub \
 && useradd --system --uid 10001 --gid peerhub --home-dir /var/lib/peerhub --shell /usr/sbin/nologin peerhub \
 && install -d -o peerhub -g peerhub -m 0750 /var/lib/peerhub /var/lib/peerhub/media
COPY --from=build /venv /venv
WORKDIR /app
# Named one by one, so that nothing of a developer's checkout (var/, .git, .env) can slip into the image.
COPY manage.py ./
COPY peerhub ./peerhub
COPY programmes ./programmes
COPY training ./training
COPY recognition ./recognition
COPY safeguarding ./safeguarding
COPY evaluation ./evaluation
COPY templates ./templates
COPY static ./static
USER peerhub
# The files' names carry their digest, so web processes of one image agree; the key is not the one that will run.
RUN SECRET_KEY=collectstatic-only python manage.py collectstatic --noinput --verbosity 0
EXPOSE 8000
STOPSIGNAL SIGTERM
# The site's own name as Host, because ALLOWED_HOSTS need not hold 127.0.0.1.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.parse as p, urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': p.urlsplit(os.environ['SITE_URL']).netloc}), timeout=4)"]
CMD ["gunicorn", "peerhub.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", \
     "--threads", "4", "--timeout", "60", "--graceful-timeout", "20", "--no-control-socket", \
     "--worker-tmp-dir", "/dev/shm", "--log-level", "warning"]
