#include "adapters/runtime/observation.hpp"

#include <chrono>
#include <utility>

#include "adapters/runtime/clock.hpp"

namespace pesan::runtime {
namespace {

constexpr unsigned service_unavailable = 503;

Page line(std::string_view good, const std::optional<std::string>& bad) {
  if (bad) return {.status = service_unavailable, .body = *bad + "\n"};
  return {.body = std::string(good) + "\n"};
}

}  // namespace

Observation::~Observation() { metrics_.ask_lags(nullptr); }

void Observation::stop_watching() {
  if (lag_ != nullptr) lag_->request_stop();
}

std::optional<Page> Observation::page(std::string_view path) const {
  const auto& health = metrics_.health();
  if (path == "/healthz") {
    return line("alive", health.not_alive(std::chrono::steady_clock::now()));
  }
  if (path == "/readyz") return line("ready", health.not_ready(std::chrono::steady_clock::now()));
  if (path != "/metrics") return std::nullopt;
  return Page{.body = metrics_.text(system_now()),
              .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

Installation Observation::observed(const Installation& installation) {
  return installation.observed_by(
      {.foreign_record = [this](TopicPartition place,
                                Offset) { metrics_.foreign_record(place.topic); },
       .kafka_statistics =
           [this](std::string_view json) { metrics_.kafka().note(json, system_now()); }});
}

void Observation::watch_lag(const Installation& installation) {
  lag_ = std::make_unique<metrics::LagWatch>(metrics::LagWatch::Options{
      .sources = [this] { return metrics_.health().own("projector"); },
      .open_log = [own = installation.for_looking()]() -> Fallible<std::shared_ptr<LogReader>> {
        auto opened = own.open_log(LogAccess::read);
        if (!opened) return std::unexpected(opened.error());
        const auto log = std::make_shared<OpenedLog>(*std::move(opened));
        return std::shared_ptr<LogReader>(log, &**log);
      },
      .open_store = [installation] { return installation.open_store(StoreAccess::read); },
      .now = system_now});
  metrics_.ask_lags([this] { return lag_->lags(); });
  lag_->start();
}

}  // namespace pesan::runtime
