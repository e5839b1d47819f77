#include "adapters/metrics/drift_file.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include "adapters/metrics/families.hpp"

namespace pesan::metrics {

std::string drift_text(const Drift& drift) {
  const auto one = [](FamilyName named, double value) {
    return gauge(std::move(named)).add({}, value).take();
  };
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(
      out,
      {one({"pesan_drift_rows",
            "Differences between the rows and the fold of the log at the last verify."},
           static_cast<double>(drift.differences)),
       one({"pesan_verify_events", "Events that the last verify folded."},
           static_cast<double>(drift.events)),
       one({"pesan_verify_rows", "Rows that the last verify compared."},
           static_cast<double>(drift.rows)),
       one({"pesan_verify_seconds", "How long the last verify took."}, drift.seconds),
       one({"pesan_verify_timestamp_seconds", "When the last verify ended, in seconds since 1970."},
           static_cast<double>(drift.at.ms) / 1000)});
  return out.str();
}

Fallible<void> write_drift(const std::string& path, const Drift& drift) {
  // node_exporter reads only names that end in .prom.
  const std::string beside = fmt::format("{}.{}.tmp", path, ::getpid());
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << drift_text(drift);
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(beside, path, error);
  if (file && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(beside, ignored);
  return fail(FailureKind::fatal,
              fmt::format("cannot write {}: {}", path,
                          error ? error.message() : "the folder is not there or not writable"));
}

}  // namespace pesan::metrics
