# The embedded petstore as a container, for trying perfgate on one:
#
#   docker build --tag perfgate-petstore .
#   perfgate run --target image:perfgate-petstore
ARG BASE=python:3.13-slim
FROM ${BASE}
WORKDIR /perfgate
COPY . .
RUN python3 -m venv /opt/perfgate && /opt/perfgate/bin/pip install --no-cache-dir --disable-pip-version-check . && rm -rf ./*
USER nobody
EXPOSE 8080
CMD ["/opt/perfgate/bin/perfgate", "petstore", "--host", "0.0.0.0", "--port", "8080"]
