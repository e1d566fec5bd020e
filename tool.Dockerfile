# perfgate itself as a container, built from the wheel that `make dist` makes:
#
#   docker build --file tool.Dockerfile --tag perfgate dist
#   docker run --rm --network host --volume "$PWD:/work" perfgate duet http://localhost:8080 http://localhost:8081
ARG BASE=python:3.13-slim
FROM ${BASE}
RUN command -v git > /dev/null || \
    (apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*)
COPY perfgate-*.whl /tmp/
RUN python3 -m venv /opt/perfgate && \
    /opt/perfgate/bin/pip install --no-cache-dir --disable-pip-version-check "$(echo /tmp/perfgate-*.whl)[chart,docker,explain]" && \
    rm /tmp/perfgate-*.whl
# The repository in /work belongs to somebody else than root.
RUN git config --system --add safe.directory /work
ENV PATH="/opt/perfgate/bin:${PATH}"
WORKDIR /work
ENTRYPOINT ["perfgate"]
CMD ["--help"]
