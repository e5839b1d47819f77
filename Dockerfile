# pesan on Debian 13: built by the same script as everywhere, shipped with only what it runs on.
# By itself it is one process on files, which stand in the volume: docker run --volume
# pesan-data:/var/lib/pesan pesan. docker-compose.yml runs its roles on Kafka and MySQL.
FROM debian:13-slim AS build
WORKDIR /src
COPY . .
RUN ./dev build && strip -o /pesan build/release/pesan

FROM debian:13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates libabsl20240722 libboost-json1.83.0 libfmt10 libmysqlcppconn7t64 \
        libprometheus-cpp-core1.0 librdkafka1 libspdlog1.15 libsqlite3-0 libssl3t64 libxxhash0 \
        libzstd1 tzdata tzdata-legacy \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/pesan pesan
COPY --from=build /pesan /usr/local/bin/pesan

# Where the log and the read models stand unless the command line says otherwise.
ENV PESAN_LOG=sqlite:/var/lib/pesan/log.db \
    PESAN_STORE=sqlite:/var/lib/pesan/read.db
USER pesan
WORKDIR /var/lib/pesan
VOLUME /var/lib/pesan
ENTRYPOINT ["pesan"]
CMD ["serve"]
