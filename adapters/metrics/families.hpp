// Families of metrics that are known when somebody asks, as prometheus-cpp writes them. Plain
// values; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

namespace pesan::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct FamilyName {
  std::string name;
  std::string help;
};

inline prometheus::ClientMetric labelled(const Labels& labels) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : labels) {
    auto& label = metric.label.emplace_back();
    label.name = name;
    label.value = value;
  }
  return metric;
}

/// A gauge or a counter with a value for each set of labels.
class Family {
 public:
  Family(FamilyName named, prometheus::MetricType type) {
    family_.name = std::move(named.name);
    family_.help = std::move(named.help);
    family_.type = type;
  }
  Family& add(const Labels& labels, double value) {
    auto metric = labelled(labels);
    (family_.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) =
        value;
    family_.metric.push_back(std::move(metric));
    return *this;
  }
  /// Of a summary without quantiles.
  Family& add_sum(const Labels& labels, double sum, std::uint64_t count) {
    auto metric = labelled(labels);
    metric.summary.sample_sum = sum;
    metric.summary.sample_count = count;
    family_.metric.push_back(std::move(metric));
    return *this;
  }
  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::MetricFamily family_;
};

inline Family gauge(FamilyName named) { return {std::move(named), prometheus::MetricType::Gauge}; }
inline Family counter(FamilyName named) {
  return {std::move(named), prometheus::MetricType::Counter};
}
inline Family summary(FamilyName named) {
  return {std::move(named), prometheus::MetricType::Summary};
}

}  // namespace pesan::metrics
