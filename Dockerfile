# An image of `lingua serve` for a CPU. Give PyTorch's address for CPU wheels, or pip takes the larger build for CUDA:
#   docker build --build-arg TORCH_INDEX_URL=ADDRESS -t lingua .
FROM python:3.11-slim AS build
ARG TORCH_INDEX_URL=""
WORKDIR /src
RUN python -m venv /opt/lingua
COPY constraints.txt ./
RUN /opt/lingua/bin/pip install --no-cache-dir ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} -c constraints.txt torch
COPY pyproject.toml README.md LICENSE ./
COPY lingua_shared lingua_shared
COPY llamaindex_lingua llamaindex_lingua
COPY langchain_lingua langchain_lingua
RUN /opt/lingua/bin/pip install --no-cache-dir -c constraints.txt ".[service]" \
    # the tokenizer's file, so that the service needs no network
    && TIKTOKEN_CACHE_DIR=/opt/lingua/tokenizers /opt/lingua/bin/python -c "import tiktoken; tiktoken.get_encoding('cl100k_base')"

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 lingua && mkdir /data && chown lingua /data
COPY --from=build /opt/lingua /opt/lingua
ENV PATH=/opt/lingua/bin:$PATH PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 TIKTOKEN_CACHE_DIR=/opt/lingua/tokenizers
USER 10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["lingua", "serve", "--host", "0.0.0.0", "--store-file", "/data/texts.db"]
