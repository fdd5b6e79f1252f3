# A stand-in for the Hugging Face token-classification API, on port 8080.
#
#     docker build --tag nertwin .
#     docker run --publish 8080:8080 --volume "$PWD/nertwin.toml:/config/nertwin.toml:ro" nertwin
FROM python:3.13-slim AS build
COPY . /source
RUN python -m venv /opt/nertwin && /opt/nertwin/bin/pip install --no-cache-dir /source

FROM python:3.13-slim
COPY --from=build /opt/nertwin /opt/nertwin
# Settings are found in the working directory. What stands here wins over them: the port is the
# one that the image tells of.
ENV PATH=/opt/nertwin/bin:$PATH \
    NERTWIN_HOST=0.0.0.0 \
    NERTWIN_PORT=8080
WORKDIR /config
USER 10001:10001
EXPOSE 8080
# Any answer is a sign of life, also the 401 of a control API that wants its token.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --start-interval=1s \
    CMD ["python", "-c", "import http.client, os; client = http.client.HTTPConnection('127.0.0.1', int(os.environ['NERTWIN_PORT']), timeout=2); client.request('GET', '/_nertwin/health'); raise SystemExit(client.getresponse().status >= 500)"]
ENTRYPOINT ["nertwin"]
CMD ["serve"]
